import { buyer, seller } from "./demo.js";
import { paidSays } from "./orders.js";
import { bubble, money } from "./said.js";
import { session } from "./session.js";
import { text } from "./text.js";

// The journey of a course, whose steps are as those in steps.js.

const listed = ({ data }) => data?.list ?? [];

const week = 7;

// ordered buys the course for a week, and paid pays it from the wallet.
const ordered = (title) => ({
  title, by: buyer, call: "order/commit",
  data: ({ product, policy }) => ({
    items: [{ product_id: product, product_num: 1, price_policy_id: policy.price_policy_id }], pay_price: policy.product_price,
  }),
  remember(memory, { data }) { memory.committed = data; },
  says: ({ policy }) => text.courseOrdered(policy.valid_period_text, money(policy.product_price)),
});

const paid = () => ({
  title: text.buyPay, hint: ({ policy }) => text.payHint(money(policy.product_price)), by: buyer, call: "order/pay",
  data: ({ committed }) => ({ pay_id: committed.pay_id, method: "wallet" }),
  says: (memory) => paidSays(memory.policy.product_price, memory),
});

// mine says until when the course can be studied.
const mine = (title) => ({
  title, by: buyer, call: "course/mine",
  says({ product }, envelope) {
    const course = listed(envelope).find(({ product_id: id }) => id === product);
    return text.courseUntil(course.product_name, course.percent, course.end_time);
  },
});

// section is one of the course, the first of a kind.
const section = ({ chapters }, kind) => chapters.flatMap(({ sections }) => sections).find((one) => one.kind === kind);

export const learn = () => [
  {
    title: text.courseMake, by: seller, call: "course/creat", shown: ["product_name", "brief", "level", "hours"],
    data: () => ({
      shop_id: session.accounts[seller]?.shop, product_name: text.courseName, brief: text.courseBrief, level: 1, hours: 12, product_status: 1,
    }),
    remember(memory, { data }) { memory.product = data.product_id; },
    says: (memory, _, { product_name: name }) => text.courseMade(name),
  },
  {
    title: text.courseChapters, hint: text.courseChaptersHint, by: seller, call: "course/chapters",
    data: ({ product }) => ({
      product_id: product,
      chapters: [{
        title: text.courseChapter,
        sections: [
          { title: text.courseFirst, kind: "video", seconds: 300, free: true, link: "https://example.com/1.mp4" },
          { title: text.courseSecond, kind: "text", content: text.courseContent },
        ],
      }],
    }),
    remember(memory, { data }) { memory.chapters = data.chapters; },
    says: ({ chapters }) => text.chaptersSay(chapters.length, chapters.flatMap(({ sections }) => sections).length),
  },
  {
    title: text.coursePrices, hint: text.coursePricesHint, by: seller, call: "course/policies",
    data: ({ product }) => ({
      product_id: product,
      price_policies: [{ valid_period: week, product_price: 9.9, default: true }, { valid_period: 36000, product_price: 99 }],
    }),
    says: (memory, _, { price_policies: prices }) => text.pricesSay(prices.map((one) => `¥${money(one.product_price)}`).join(", ")),
  },
  {
    title: text.courseLook, by: buyer, call: "course/info", data: ({ product }) => ({ product_id: product }),
    choose: {
      rows: ({ data }) => data?.price_policies ?? [],
      label: ({ valid_period_text: period, product_price: price }) => `${period} · ¥${money(price)}`,
      take(memory, policy) { memory.policy = policy; },
    },
  },
  ordered(text.courseBuy), paid(),
  {
    title: text.courseStudy, hint: text.courseStudyHint, by: buyer, call: "course/study",
    data: (memory) => ({ product_id: memory.product, section_id: section(memory, "text").section_id }),
    says: (memory, { data }) => [text.sectionOpen, bubble(data.content ?? "")],
  },
  {
    title: text.courseProgress, by: buyer, call: "course/progress", shown: ["seconds"],
    data: (memory) => ({ product_id: memory.product, section_id: section(memory, "video").section_id, seconds: 150 }),
    says: (memory, _, { seconds }) => text.watched(seconds),
  },
  mine(text.courseMine), ordered(text.courseRenew), paid(), mine(text.courseMineAgain),
];
