import { buyer, seller } from "./demo.js";
import { bubble, conversation, goods } from "./said.js";
import { session } from "./session.js";
import { text } from "./text.js";

// The journey in which a buyer asks a seller, whose steps are as those in steps.js.

const listed = ({ data }) => data?.list ?? [];

const about = ({ product }) => ({ user_id: String(product.user_id), product_id: product.product_id });

// back is the same conversation for the seller.
const back = ({ product }) => ({ user_id: session.accounts[buyer]?.id, product_id: product.product_id });

export const askSeller = () => [
  {
    title: text.askFind, by: buyer, call: "product/search", shown: ["key"], data: () => ({ shop_id: session.accounts[seller]?.shop }),
    choose: { rows: listed, card: (row) => goods(row, row.user_name), take(memory, row) { memory.product = row; } },
  },
  {
    title: text.askSend, by: buyer, call: "message/send", shown: ["content"],
    data: (memory) => ({ ...about(memory), content: text.askQuestion }),
    says: (memory, _, { content }) => bubble(content, true),
  },
  {
    title: text.askSee, by: seller, call: "message/conversations",
    says: (_, envelope) => bubble(text.noticeSays(listed(envelope)[0].user_name, listed(envelope)[0].content)),
  },
  {
    title: text.askAnswer, by: seller, call: "message/send", shown: ["content"],
    data: (memory) => ({ ...back(memory), content: text.askAnswered }),
    says: (memory, _, { content }) => bubble(content, true),
  },
  { title: text.askRead, by: seller, call: "message/read", data: back, says: () => text.readSays },
  {
    title: text.askList, by: buyer, call: "message/list", data: about,
    says: () => text.askTwoWindows,
    shows: (memory, envelope) => conversation([...listed(envelope)].reverse(), session.accounts[buyer]?.id),
  },
];
