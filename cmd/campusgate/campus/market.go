package campus

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"campusgate/storage"
)

// Carts counts lines of carts: every user who buys has two, and the user 0 has [FullCart] more.
func Carts(size int) int { return size / 5 }

// CartID is the id of a line of a cart, whose user is [CartUser].
func CartID(i int) int64 { return int64(i) + 1 }

// CartUser is the number of the user who has a line in the cart, of the goods [CartProduct].
func CartUser(i int) int { return i / 2 * 2 }

// CartProduct is the number of the goods of a line.
func CartProduct(i int) int { return 5 * i }

// The full cart of the user 0, in a campus of any size: lines of goods of ten shops.
const (
	FullCart      = 50
	FullCartShops = 10
)

// FullCartID is the id of a line of the full cart.
func FullCartID(i int) int64 { return 500_000_000 + int64(i) }

// FullCartProduct is the number of the goods of a line of the full cart.
func FullCartProduct(i int) int { return 100 + i%FullCartShops*10 + i/FullCartShops }

func (f *filling) addCarts(from, to int) adding {
	var lines []storage.CartLine
	if from == 0 {
		for i := range FullCart {
			lines = append(lines, cartLine(FullCartID(i), 0, FullCartProduct(i)))
		}
	}
	for i := from; i < to; i++ {
		lines = append(lines, cartLine(CartID(i), CartUser(i), CartProduct(i)))
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		return tx.AddCartLines(ctx, lines)
	}
}

func cartLine(id int64, user, product int) storage.CartLine {
	return storage.CartLine{CartID: id, UserID: UserID(user), ProductID: ProductID(product), Pieces: 1 + id%2, AddedPrice: ProductPrice(product)}
}

// AddressID is the id of a user's one address, the default.
func AddressID(user int) int64 { return int64(user) + 1 }

func (f *filling) addAddresses(from, to int) adding {
	var addresses []storage.Address
	for i := from; i < to; i++ {
		addresses = append(addresses, storage.Address{
			AddressID: AddressID(i), UserID: UserID(i), Name: UserName(i), Phone: UserPhone(i), Address: "浙江科技学院", IsDefault: true,
		})
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		return tx.AddAddresses(ctx, addresses)
	}
}

// Favourites counts favourites: two of each user, the goods with the numbers 5 × the user's and
// one more.
func Favourites(size int) int { return 2 * Users(size) }

// collection is how many users have goods among their favourites.
func collection(product int) int64 {
	if product%5 < 2 {
		return 1
	}
	return 0
}

func (f *filling) addFavourites(from, to int) adding {
	var favourites []storage.Favourite
	for i := from; i < to; i++ {
		favourites = append(favourites, storage.Favourite{UserID: UserID(i / 2), ProductID: ProductID(i/2*5 + i%2)})
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		return tx.AddFavourites(ctx, favourites)
	}
}

// Coupons counts coupons, each of which ten users have a record of: every fourth one is the
// market's, the others those of shops with the same number. The coupon 0 was used too, in an
// order of every twentieth payment.
func Coupons(size int) int { return size / 50 }

// CouponID is the id of a coupon, which every user may take.
func CouponID(i int) int64 { return int64(i) + 1 }

// RecordID is the id of a user's usable record, of the coupon with a tenth of the user's number.
func RecordID(user int) int64 { return int64(user) + 1 }

const (
	couponOff  = 50 // fen
	couponUsed = 9  // of twenty payments the one with a coupon
)

// usedRecord is the id of the record that a payment has used.
func usedRecord(payment int) int64 { return 100_000_000 + int64(payment) }

func (f *filling) addCoupons(from, to int) adding {
	var coupons []storage.Coupon
	var records []storage.CouponRecord
	for i := from; i < to; i++ {
		coupon := storage.Coupon{
			CouponID: CouponID(i), CouponName: "立减五角", CouponType: storage.CouponOff, CouponValue: couponOff, Quantity: 1 << 30, PerUser: 5,
			CloseTime: Later, ValidEnd: Later, Taken: 10,
		}
		if i%4 != 0 {
			coupon.ShopID, coupon.PayerID = ShopID(i), UserID(ShopOwner(i))
		}
		if i == 0 {
			coupon.Used = int64((Payments(f.size) - couponUsed + 19) / 20)
			coupon.Taken += coupon.Used
		}
		coupons = append(coupons, coupon)
		for user := 10 * i; user < 10*i+10; user++ {
			records = append(records, storage.CouponRecord{
				RecordID: RecordID(user), UserID: UserID(user), Coupon: coupon, TakeTime: Now - year, ValidEnd: Later,
			})
		}
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		if err := tx.AddCoupons(ctx, coupons); err != nil {
			return err
		}
		return tx.AddCouponRecords(ctx, 1, records)
	}
}

// Courses counts courses of shops, each with [Chapters] of [Sections] and twenty students.
func Courses(size int) int { return size / Step }

// What a course has.
const (
	Chapters = 4
	Sections = 3 // of each chapter
	Students = 20
)

// CourseID is the id of a course, which the shop with the same number sells.
func CourseID(i int) int64 { return 950_000_000 + int64(i) }

// CourseStudent is the number of a user who has a course, from 0 to [Students].
func CourseStudent(course, i int) int { return 200*course + 2*i }

func (f *filling) addCourses(from, to int) adding {
	return func(ctx context.Context, tx *storage.Tx) error {
		for i := from; i < to; i++ {
			made := spreadTime(i, Courses(f.size))
			course := storage.Course{ProductID: CourseID(i), Name: fmt.Sprintf("%s课程%d", CommonWord, i), ShopID: ShopID(i), Status: storage.CourseUp, PicURL: picture("product", i)}
			if err := tx.InsertCourse(ctx, course, made); err != nil {
				return err
			}
			var chapters []storage.CourseChapter
			for c := range Chapters {
				chapter := storage.CourseChapter{Title: fmt.Sprintf("第%d章", c+1)}
				for s := range Sections {
					chapter.Sections = append(chapter.Sections, storage.CourseSection{
						Title: fmt.Sprintf("第%d节", s+1), Seconds: 300, Free: c == 0, Link: fmt.Sprintf("https://example.com/%d-%d-%d.mp4", i, c, s),
					})
				}
				chapters = append(chapters, chapter)
			}
			if err := tx.SetCourseTree(ctx, course.ProductID, chapters); err != nil {
				return err
			}
			policies := []storage.PricePolicy{{ValidPeriod: 7, Price: 9_90, Default: true}, {ValidPeriod: storage.ForEver, Price: 99_00}}
			if err := tx.SetPricePolicies(ctx, course.ProductID, policies); err != nil {
				return err
			}
			if err := addStudents(ctx, tx, i, chapters, made); err != nil {
				return err
			}
		}
		return nil
	}
}

// addStudents gives users a course for nothing, of which they have studied the first chapter.
func addStudents(ctx context.Context, tx *storage.Tx, course int, chapters []storage.CourseChapter, made int64) error {
	var owners []storage.CourseOwner
	var grants []storage.CourseGrant
	var progress []storage.CourseProgress
	for i := range Students {
		user := UserID(CourseStudent(course, i))
		owners = append(owners, storage.CourseOwner{
			OwnerID: int64(Students*course + i + 1), UserID: user, ProductID: CourseID(course), BeginTime: made, EndTime: made + storage.ForEver*day,
		})
		grants = append(grants, storage.CourseGrant{
			UserID: user, ProductID: CourseID(course), Days: storage.ForEver, BeginTime: made, EndTime: made + storage.ForEver*day, Sections: Chapters * Sections,
		})
		for _, section := range chapters[0].Sections {
			progress = append(progress, storage.CourseProgress{
				UserID: user, ProductID: CourseID(course), SectionID: section.SectionID, Seconds: 150, Percent: 50, Opened: true,
			})
		}
	}
	if err := tx.AddCourseOwners(ctx, owners); err != nil {
		return err
	}
	if err := tx.AddCourseGrants(ctx, grants); err != nil {
		return err
	}
	return tx.AddCourseProgress(ctx, progress)
}

// Reports counts goods that were reported, once each: [ReportedProduct].
func Reports(size int) int { return size / Step }

// ReportedProduct is the number of goods that were reported.
func ReportedProduct(i int) int { return Step*i + 2 }

func (f *filling) addReports(from, to int) adding {
	return func(ctx context.Context, tx *storage.Tx) error {
		for i := from; i < to; i++ {
			reason, at := "描述不符", spreadTime(i, Reports(f.size))
			r := storage.ProductReport{UserID: UserID(2 * i), ProductID: ProductID(ReportedProduct(i)), Reason: reason, Time: at}
			if err := tx.AddProductReport(ctx, r); err != nil {
				return err
			}
			if err := tx.AskReview(ctx, r.ProductID, at, &reason); err != nil {
				return err
			}
		}
		return nil
	}
}

// Conversations counts conversations: a buyer and a seller with numbers that follow each other
// have two.
func Conversations(size int) int { return size / 5 }

// ConversationMessages is how many messages a conversation has.
const ConversationMessages = 10

// Messages counts messages.
func Messages(size int) int { return Conversations(size) * ConversationMessages }

// ConversationBuyer is the number of the user who has begun a conversation, with the next one,
// about the goods [ConversationProduct].
func ConversationBuyer(i int) int { return i / 2 * 2 }

// ConversationProduct is the number of the goods that a conversation is about.
func ConversationProduct(i int) int { return 5 * i }

// message is the i-th of all, of which a conversation has one in each round.
func (f *filling) message(i int) storage.Message {
	conversation, round := i%Conversations(f.size), i/Conversations(f.size)
	buyer, texts := ConversationBuyer(conversation), [...]string{"还在吗？", "在的"}
	m := storage.Message{
		MessageID: int64(i) + 1, SenderID: UserID(buyer), ReceiverID: UserID(buyer + 1), ProductID: ProductID(ConversationProduct(conversation)),
		Content: texts[round%2], CreatTime: spreadTime(i, Messages(f.size)),
	}
	if round%2 == 1 {
		m.SenderID, m.ReceiverID = m.ReceiverID, m.SenderID
	}
	return m
}

func (f *filling) addMessages(from, to int) adding {
	var messages []storage.Message
	for i := from; i < to; i++ {
		messages = append(messages, f.message(i))
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		return tx.AddMessages(ctx, messages)
	}
}

// addConversations adds both sides: the last message is the seller's, and the buyer has not
// read it.
func (f *filling) addConversations(from, to int) adding {
	var sides []storage.ConversationSide
	for i := from; i < to; i++ {
		last := f.message(Messages(f.size) - Conversations(f.size) + i)
		side := storage.Conversation{PeerID: last.SenderID, Last: last, Messages: ConversationMessages, Unread: 1}
		sides = append(sides, storage.ConversationSide{UserID: last.ReceiverID, Conversation: side})
		side.PeerID, side.Unread = last.ReceiverID, 0
		sides = append(sides, storage.ConversationSide{UserID: last.SenderID, Conversation: side})
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		return tx.AddConversations(ctx, sides)
	}
}

// Told counts what users were told (notice/list): five things each.
func Told(size int) int { return size }

func (f *filling) addTold(from, to int) adding {
	var notices []storage.Notice
	for i := from; i < to; i++ {
		notices = append(notices, storage.Notice{
			UserID: UserID(i % Users(f.size)), Key: fmt.Sprintf("campus %d", i), Kind: "order", Title: "订单已结算", Content: "订单已结算",
			CreatTime: spreadTime(i, Told(f.size)),
		})
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		return tx.AddNotices(ctx, notices)
	}
}

// Sessions counts sessions, of the first users one each.
func Sessions(size int) int { return size / 10 }

// SessionToken is the token of a session of a user, made at [Now].
func SessionToken(user int) string { return fmt.Sprintf("5e%062x", user) }

func (f *filling) addSessions(from, to int) adding {
	var sessions []storage.Session
	for i := from; i < to; i++ {
		hash := sha256.Sum256([]byte(SessionToken(i)))
		sessions = append(sessions, storage.Session{TokenHash: hash[:], UserID: UserID(i), CreatTime: Now, UsedTime: Now})
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		return tx.AddSessions(ctx, sessions)
	}
}

// Audits counts rows of the audit, all of them the admin's.
func Audits(size int) int { return size / 10 }

func (f *filling) addAudits(from, to int) adding {
	calls := [...]string{"product/review", "user/freeze", "wallet/grant", "order/note"}
	var audits []storage.Audit
	for i := from; i < to; i++ {
		audits = append(audits, storage.Audit{
			Time: spreadTime(i, Audits(f.size)), UserID: AdminID, Call: calls[i%len(calls)], Target: "user " + UserID(i), After: "1",
		})
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		return tx.AddAudits(ctx, audits)
	}
}

// addDays keeps what the market did on each day that is over, as the office does every night
// where it is in Shanghai.
func (f *filling) addDays(from, to int) adding {
	return func(ctx context.Context, tx *storage.Tx) error {
		shanghai := time.FixedZone("UTC+8", 8*60*60)
		first := time.Unix(Now-year, 0).In(shanghai)
		for i := from; i < to; i++ {
			begin := time.Date(first.Year(), first.Month(), first.Day()+i, 0, 0, 0, 0, shanghai).Unix()
			summary, err := tx.SummarizeDay(ctx, begin, begin+day)
			if err != nil {
				return err
			}
			if err := tx.KeepDaySummary(ctx, summary); err != nil {
				return err
			}
		}
		return nil
	}
}
