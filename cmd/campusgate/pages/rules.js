// The rules of refusals in Chinese. The server writes them in English, for developers; a test asks
// that those in its source are all here. They are loaded when the first is to be said.

const kinds = {
  "an integer": "整数", text: "文本", "a boolean": "真或假", "a number": "数字", "base64 text": "base64 文本", "an object": "对象", "a list": "列表",
  "text or integer": "文本或整数", "text or number": "文本或数字", "valid UTF-8 without NUL": "有效的文字", "within the range of a 64-bit number": "范围之内的数字", "standard base64": "标准的 base64",
};

// What a rule of a value may be made of.
const bounds = [
  [/^(\d+) to (\d+) characters$/, "$1 到 $2 个字符"], [/^at most (\d+) characters$/, "最多 $1 个字符"], [/^at least (\d+) characters$/, "至少 $1 个字符"],
  [/^(\S+) to (\S+) with at most two decimals$/, "$1 到 $2，最多两位小数"], [/^limited to two decimals$/, "最多两位小数的数"], [/^(\d+) to (\d+) items$/, "$1 到 $2 项"],
  [/^(-?[\d.]+) to (-?[\d.]+)$/, "$1 到 $2"], [/^one of (.+)$/, "$1 之一"], [/^(YYYY-MM-DD HH:MM:SS)$/, "$1 这样的时间"],
];

const things = {
  account: "账号", address: "地址", category: "分类", channel: "支付方式", chapter: "章", "chapter of the course": "章", coupon: "优惠券", course: "课程", attempt: "支付请求", "category of courses": "课程分类", "category of this kind of product": "同类商品的分类", job: "任务", line: "条目", method: "支付方式", notice: "启事",
  order: "订单", payment: "支付", picture: "图片", product: "商品", "product in this shop": "商品", "product or shop": "商品或店铺", "section of the course": "小节", shop: "店铺", "call on this path": "接口",
};

const others = {
  "another user's": "不是您的", "not on sale": "已不在售", "there twice": "出现了两次", "it is done": "已经完成", "not yours to do this with": "您不能这样处理", "this one": "就是它自己",
};

const rules = {
  missing: "没有填写", "both missing": "至少要填一项", "must not be empty": "不能为空", unknown: "无效", "must not be 0": "不能为 0", "is there twice": "出现了两次", "already taken": "已被使用", taken: "已被使用", gone: "已不存在",
  "must be another account": "必须是别的账号", "another admin has to do this": "自己的事由别的管理员处理", "another admin has to decide one's own": "自己的商品由别的管理员处理", "all are for admins": "只有管理员能看全部", "for admins": "只有管理员可用",
  "must be a mobile number of mainland China": "必须是中国大陆手机号", "must be digits, +, - and blanks": "只能有数字、+、- 和空格", "no account has it": "没有账号用它", "this channel is not set up": "这种支付方式没有开通",
  "unknown, expired, or not that of a picture captcha": "无效、已过期，或不是图片验证码的", "unknown or expired": "无效或已过期", "wrong or expired": "不对或已过期", "unknown, used or expired": "无效、用过或已过期", "this captcha may send no more SMS": "这张图片不能再发短信",
  "too many SMS": "短信发得太多，请稍后再试", "the account has no phone": "账号没有手机号", "must be after open_time": "必须晚于开始时间", "must be after valid_begin": "必须晚于有效期开始", "must not be before date_begin": "不能早于开始日期",
  "must be at most 92 days from date_begin, both counted": "离开始日期最多 92 天（含首尾）", "must be a day that exists, as YYYY-MM-DD": "必须是存在的日期，写作 YYYY-MM-DD", "does not exist in the server's time zone": "在服务器的时区里没有这个时刻",
  "must be an http or https URL": "必须是 http 或 https 地址", "must be absent where valid_begin or valid_end is there": "填了有效期就不要填它", "must be absent where product_id is there": "填了商品编号就不要填它", "must be absent where content is there": "有内容就不要填它",
  "must be absent where coupon_id is there": "填了优惠券编号就不要填它", "must be absent for what is no course": "只有课程才填它", "must not stand with phone or sms_hash": "不能与手机号一起填", "both are needed": "两项都要填", "both are needed, or email and hash": "两项都要填，或填邮箱和哈希",
  "must not be a phone number": "不能是手机号", "must be 2 to 20 letters, digits, _ or -": "必须是 2 到 20 个字母（含汉字）、数字、_ 或 -", "is reserved": "不能使用", "has no identity": "没有提交实名资料",
  "must be 8 to 64 characters, not the phone, not the name and not one of the most used": "必须是 8 到 64 个字符，不能是手机号、用户名或很多人在用的密码", "must be an address such as name@example.org": "必须是 name@example.org 这样的地址",
  "must be 2 to 50 letters, · and blanks, without a blank at either end": "必须是 2 到 50 个字母、汉字、· 或空格，首尾不能是空格", "must be 18 characters with a date that exists and the right check character": "必须是 18 位，日期和校验位都要正确",
  "its user does not exist": "账号不存在", "its account was deleted": "账号已注销", "must be the token's user id": "必须是 token 的用户编号", "must be digits only": "只能是数字", "contains refused words": "有不允许的词", "has a refused word": "有不允许的词",
  "must be letters, digits, _ and -": "只能有字母、数字、_ 和 -", "must be letters and digits": "只能有字母和数字", "was used with other data": "已用于别的内容", "the same call is still running": "同样的请求还在处理",
  "must not be below what is taken": "不能少于已领取的数量", "another user's order": "是别人的订单", "already paid or cancelled": "已支付或已取消", "your own order": "是您自己的订单",
  "must be the product's price or discount price": "必须是商品的价格或折后价", "must be product_num × product_unitprice": "必须是件数 × 单价", "must be 1 of a course": "课程只能买 1 件", "more than are left": "库存不够", "a line has 1 to 999 pieces": "每条 1 到 999 件",
  "must show something": "要有看得见的内容", "not bought, or run out": "没有买过，或已到期", "no product of one of the two": "不是双方之一的商品", "neither waits nor was reported": "既不待审核，也没有被举报", "its seller has changed it a moment ago": "卖家刚刚改过它",
  "is not up, or costs something": "没有上架，或不是免费的", "an order of it is open": "还有未完成的订单", "a refund of it is asked for": "正在申请退款", "must not be above product_price": "不能高于价格", "must not be below product_price": "不能低于价格",
  "must be at most 1 MiB, before and after it is sanitised": "太长了：最多 1 MiB", "must be 10 to 20,000 characters, before and after it is sanitised": "必须是 10 到 20,000 个字符",
  "must be one of the course's price_policies": "必须是这门课程的价格方案", "another line has it": "另一条已经用了它", "must be a URL that message/upload has answered to you": "必须是您刚上传的图片的地址", "must be a URL that pic/upload has answered": "必须是刚上传的图片的地址",
  "see data": "价格变了，请看新的价格", "was tried to be paid too often": "尝试支付的次数太多", "was paid or closed meanwhile": "刚刚已支付或关闭", "is paid": "已支付", "is closed": "已关闭", "is being paid in another way": "正在用别的方式支付", "has a course that is owned for ever": "有一门课程已永久拥有",
  "must not begin after row 10,000": "最多看到第 10,000 行", "no debt of yours": "没有您的欠款", "is being repaid": "正在还款", "a repayment of its debt is being closed": "它的还款正在关闭", "a refund is open": "退款还没有结束", "return only after shipping": "发货以后才能退货",
  "must be fields of the row, each at most once, with ASC or DESC": "必须是返回的字段，每个最多一次，后面可以加 ASC 或 DESC", "must be 1 to 64 letters, digits, dots, underscores or hyphens, and not start with a dot": "必须是 1 到 64 个字母、数字、点、_ 或 -，不能以点开头",
  "32 hexadecimal digits must be the picture's MD5": "32 位十六进制必须是图片的 MD5", "must be more than 0": "必须大于 0", "must be wallet": "只能用余额", "must be a channel": "必须是支付渠道", "must be at most 8 words": "最多 8 个词", "it waits or runs": "正在等待或运行",
  "less would be left than is owed and held": "剩下的会少于欠款", "must be true, as there is money in the wallet": "余额里还有钱，要放弃才能继续", "must not be above what a piece costs": "不能高于单件的价格", "must be from the product's first_price to what a piece costs": "必须在首付价和单件价格之间",
  "products are in it": "里面还有商品", "20 % of its sections or more were opened": "已经学了 20% 或更多", "must be 1 or more, and not more than no refund has named": "必须至少 1 件，且不超过还能退的", "missing, as the kind was another": "种类变了，要重新填写",
  "the body is not a JSON object": "内容不是 JSON 对象", "the body has text after its JSON object": "JSON 对象后面还有别的内容", "accounts.secret is not set": "服务器没有设置 accounts.secret", "mail.host is not set": "服务器没有设置 mail.host",
  "too many wrong codes": "输错的验证码太多", "too many uploads at once": "同时上传的太多", "too many passwords at once": "同时登录的人太多", "pay or wait for the recharges before": "请先付清或等之前的充值结束", "no such path": "没有这个地址",
  "is in another seller's course": "已在别的卖家的课程里", "must be one of those that are allowed": "不在允许的范围内", "must be 0 to 999999.99": "必须是 0 到 999999.99", "at most one": "最多一个", "unknown parameter": "没有这个参数", "cannot be combined with other fields": "不能与别的条件一起用",
  "a debt is not paid": "还有欠款没有还清", "an order is not closed": "还有订单没有结束", "not the seller's, or the seller has none": "不是卖家的，或卖家没有地址", "more than the user has": "超过了账号所有的", "must be above 0, and not more than can come back": "必须大于 0，且不超过能退的",
  "must be whole beli": "贝里必须是整数", "its channel has refused nothing": "支付渠道没有拒绝退款", "more was refused meanwhile": "刚刚又有退款被拒绝", "your own payment": "是您自己的支付", "must be absent where items are there": "填了商品就不要填它",
  "your own product": "是您自己的商品", "a course is bought once": "课程一次只买一个", "a course that you have for ever": "这门课程您已永久拥有", "must be face": "只能当面交易", "must be express": "只能用快递", "unknown, expired, or of another phone": "无效、已过期，或不是这个手机号的",
  "unknown, expired, or of another email": "无效、已过期，或不是这个邮箱的", "too many codes": "验证码发得太多，请稍后再试", "must be absent of a video": "视频不用填它", "must be absent of a text": "文字不用填它", "must be 1 or more of a video": "视频至少 1 秒",
};

const patterns = [
  [/^its user lacks the role /, "账号没有这个权限"], [/^missing, and \w+ go by express$/, "快递需要收货地址"], [/^must be at most \d+ in all chapters$/, "所有章节里的小节太多"],
];

// ruleOf is a rule in Chinese, undefined where it is not known.
export function ruleOf(rule) {
  if (rules[rule]) return rules[rule];
  const [, nothing] = /^no such (.+)$/.exec(rule) ?? [];
  if (nothing) {
    const [thing, ...more] = nothing.split(/, or |, /);
    const [, about] = /^(?:.*?) or (there twice)$/.exec(nothing) ?? [];
    const known = things[thing.replace(/ or there twice$/, "")];
    const said = [...more.map((one) => others[one]), others[about]].filter((one, i, all) => one && all.indexOf(one) === i);
    return known && `没有这个${known}${said.map((one) => `，或${one}`).join("")}`;
  }
  const [, what] = /^must be (.+)$/s.exec(rule) ?? [];
  const other = patterns.find(([pattern]) => pattern.test(rule))?.[1];
  if (!what || other) return other;
  if (kinds[what]) return `必须是${kinds[what]}`;
  const parts = what.split("; ").map((part) => {
    const [pattern, words] = bounds.find(([one]) => one.test(part)) ?? [];
    return pattern && part.replace(pattern, words);
  });
  return parts.includes(undefined) ? undefined : `必须是${/^[ -~]/.test(parts[0]) ? " " : ""}${parts.join("；")}`;
}
