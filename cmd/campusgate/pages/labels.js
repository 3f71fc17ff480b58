import { language } from "./settings.js";

// What a field is called for people; its name on the wire stands beside it. In English it is the
// name itself where that reads well; a test asks that Chinese has all.
const english = {
  base64: "Picture", before: "Older than", code: "Code", consume: "Use it up", count: "How many", creat_time: "Created",
  cart_items: "Lines of the cart", collected: "Favourite", currency: "Currency", date_begin: "First day", date_end: "Last day", deliver: "Delivery",
  first_price: "First price", from: "Kind of picture", hash: "Hash of the code", id_code: "Identity card number", inc_amount: "More credit",
  is_default: "Default address", key: "Search for", lab: "Labels", logistics: "Carrier", logistics_id: "Tracking number", max_off: "At most off",
  minimum_consume: "From an amount of", new: "New password", occurrence_time: "When it happened", off_percent: "Percent off",
  old: "Old password", pass: "Decision", per_user: "For each user", pic_down: "Back of the card", pic_num: "Number of pictures", pic_up: "Front of the card",
  pic_url: "Picture's address", pic_url1: "1st picture's address", pic_url2: "2nd picture's address", pic_url3: "3rd picture's address", pics: "Pictures' addresses",
  price_max: "Highest price", price_min: "Lowest price", price_policies: "Prices by time", price_policy_id: "Price's ID", product_collection: "Favourites", product_content: "Description",
  product_click: "Clicks", product_disprice: "Price with discount", product_key: "Search words", product_num: "Pieces", product_sale: "Sold", product_totalprice: "Price of all",
  product_unitprice: "Price of one", purchase_id: "Purchase number", quantity: "How many there are", record_id: "Coupon of yours, for all", return_url: "Page to return to",
  request_key: "Request key", sell_method: "How it is sold", shop_content: "Description", shop_records: "Coupons of yours, by shop", sms_hash: "Hash of the SMS code",
  study_all_time: "Time to study", to: "Where it goes", unread: "Only unread", num_only: "Only how many", use_beli: "Pay with beli", user_note: "Note for the sellers", user_phone: "Phone", coupon_value: "Money off", user2_id: "Finder's user ID", user2_name: "Finder's name",
  user2_phone: "Finder's phone", user2_qq: "Finder's QQ", user_qq: "QQ", valid_days: "Valid for days", valid_begin: "Valid from", valid_end: "Valid until", valid_period: "Days to study",
  open_time: "Opens", close_time: "Closes", pay_price: "To pay", give_up: "Give up what is left", mode: "Whose", kind: "Kind", uid: "User ID", imgdata: "Picture", rand: "Random text",
};

const chinese = {
  address: "地址", address_id: "地址编号", admin_note: "管理员备注", all: "全部", amount: "金额", answer: "回答", attempt_id: "支付请求编号", base64: "图片", before: "早于",
  brief: "简介", call: "接口", career: "职业方向", cart_id: "购物车条目编号", cart_ids: "购物车条目编号", cart_items: "购物车条目", category_id: "分类编号", category_name: "分类名称",
  chapter_id: "章编号", chapters: "章节", client: "客户端", close_time: "结束时间", code: "兑换码", collected: "收藏", consume: "用掉验证码", content: "内容", count: "数量",
  coupon_id: "优惠券编号", coupon_name: "优惠券名称", coupon_status: "优惠券状态", coupon_type: "优惠方式", coupon_value: "优惠金额", currency: "币种", date_begin: "开始日期", date_end: "结束日期",
  default: "默认", deliver: "配送方式", email: "邮箱", first_price: "首付价", free: "免费", from: "图片类别", give_up: "放弃剩余", hash: "验证码哈希", hours: "课时", id: "编号",
  id_code: "身份证号", inc_amount: "增加额度", is_default: "默认地址", items: "商品", key: "关键词", kind: "种类", lab: "标签", level: "难度", line: "订单行", link: "链接",
  logistics: "快递公司", logistics_id: "快递单号", max_off: "最多优惠", method: "支付方式", minimum_consume: "最低消费", mode: "范围", name: "姓名", new: "新密码", note: "备注",
  notice_ids: "通知编号", occurrence_time: "发生时间", off_percent: "折扣百分比", old: "旧密码", open_time: "开始时间", order: "排序", order_id: "订单编号", original_price: "原价",
  page: "页码", pass: "决定", password: "密码", pay_id: "支付编号", pay_price: "应付金额", per_user: "每人限领", phone: "手机号", pic_down: "身份证国徽面", pic_num: "图片数量",
  pic_up: "身份证人像面", pic_url: "图片地址", pic_url1: "图片地址一", pic_url2: "图片地址二", pic_url3: "图片地址三", pics: "图片地址", prerequisite: "学前要求", price_max: "最高价", price_min: "最低价",
  price_policies: "价格方案", price_policy_id: "价格方案编号", product_click: "点击数", product_collection: "收藏数", product_content: "商品描述", product_disprice: "折后价", product_id: "商品编号",
  product_key: "商品关键词", product_name: "商品名称", product_num: "件数", product_price: "价格", product_sale: "销量", product_status: "商品状态", product_stock: "库存",
  product_totalprice: "总价", product_type: "商品类型", product_unitprice: "单价", publish_time: "发布时间", purchase_id: "购买编号", quantity: "总数量", question: "问题", questions: "常见问题",
  real_name: "真实姓名", reason: "原因", recommend: "推荐", record_id: "全场券编号", request_key: "请求键", return_url: "返回页面", role: "身份", seconds: "秒数", section_id: "节编号", sections: "小节",
  sell_method: "交易方式", sex: "性别", ship_price: "运费", shop_content: "店铺介绍", shop_id: "店铺编号", shop_name: "店铺名称", shop_records: "各店优惠券", signature: "签名", slogan: "宣传语",
  sms_hash: "短信验证码哈希", sort: "排序", state: "状态", study_all_time: "学习总时长", teacher_id: "讲师编号", teachers: "讲师", time_begin: "开始时间", time_end: "结束时间", title: "标题",
  to: "去向", type: "类型", unread: "未读", update_time: "更新时间", use_beli: "使用贝里", user2_id: "对方用户编号", user2_name: "对方姓名", user2_phone: "对方手机号", user2_qq: "对方 QQ",
  user_id: "用户编号", user_name: "用户名", user_note: "买家留言", user_phone: "手机号", user_qq: "QQ", valid_begin: "有效期开始", valid_days: "有效天数", valid_end: "有效期结束",
  valid_period: "学习天数", verify_state: "认证状态", video_brief_link: "介绍视频", what_to_study: "学什么", why_study: "为什么学",
  actions: "可用操作", added_price: "加入时价格", after: "之后", appealed: "已申诉", arrived: "到账", balance: "余额", beli: "贝里", beli_off: "贝里抵扣", cashier_url: "收银台地址", change_time: "变动时间",
  channel: "支付渠道", charge: "费用", clock: "时限", clocks: "时限", code_url: "二维码内容", coupon: "优惠券", coupon_off: "优惠券抵扣", creat_time: "创建时间", credit_amount: "信用额度", credit_price: "赊账金额",
  credit_remain: "剩余额度", data: "数据", date: "日期", debt: "欠款", detail: "详情", due_time: "到期时间", en: "英文", end_time: "结束时间", expire_time: "截止时间", finish_time: "完成时间", goods_price: "商品金额",
  head_img: "头像", history: "经过", imgdata: "图片", income_waiting: "待结算", is_free: "是否免费", is_online: "是否在售", ledger_id: "流水号", line_price: "小计", line_state: "条目状态", lines: "订单行", list: "列表",
  market_off: "平台优惠", message: "消息", message_id: "消息编号", next_due: "下次到期", notice_id: "通知编号", num: "总数", off: "优惠", off_price: "优惠金额", order_ids: "订单编号", orders: "订单", overdue: "逾期",
  owned: "已拥有", paid: "已支付", pay_method: "支付方式", pay_state: "支付状态", pay_time: "支付时间", pay_url: "支付链接", percent: "百分比", pieces: "件数", price: "价格", purchase_price: "购买金额", purchase_state: "购买状态",
  purchase_type: "购买类型", rand: "随机串", read: "已读", refunded: "已退款", refunds: "退款", reports: "举报", returned: "已退回", review_note: "审核说明", review_state: "审核状态", seller_id: "卖家编号", seller_name: "卖家名称",
  setting: "设置", settled: "已结算", ship_time: "发货时间", shop_off: "店铺优惠", since_time: "起始时间", states: "状态", status: "状态", step: "步骤", steps: "步骤", students: "学员数", subtype: "子类型", take_time: "领取时间",
  taken: "已领取", ticket: "连接票据", target: "对象", time: "时间", token: "Token", trade_no: "交易号", trades: "交易", uid: "用户编号", until: "截止", url: "地址", usable: "可用", used: "已用", users: "用户数", valid_period_text: "学习期限",
  verified: "已认证", verify_note: "认证说明", who: "谁", zh: "中文", days: "天数", job_id: "任务编号", num_only: "只要总数", tries: "尝试次数", error: "错误",
};

const capital = (words) => words[0].toUpperCase() + words.slice(1);

// inWords is a name of the wire as English: order_id is "Order ID".
const inWords = (name) => capital(name.replaceAll("_", " ").replace(/\bcreat\b/, "create").replace(/\bids\b/, "IDs").replace(/\bid\b/, "ID").replace(/\burl\b/, "URL"));

// labelOf is what people call a field.
export const labelOf = (name) => (language === "zh" ? chinese[name] : english[name]) ?? inWords(name);

// named reports whether people have a word for a field, in the language of the page.
export const named = (name) => language !== "zh" || name in chinese;

// placeOf is what people call a place within what was sent: items[1].product_num is the pieces of
// the second of the goods.
export const placeOf = (path) => path.split(".").map((part) => {
  const [, name, at] = /^(\w*)(?:\[(\d+)\])?$/.exec(part) ?? [];
  const label = name ? labelOf(name) : "";
  return at === undefined ? label : language === "zh" ? `${label}第 ${Number(at) + 1} 项` : `${label} ${Number(at) + 1}`;
}).join(language === "zh" ? "的" : ", ");
