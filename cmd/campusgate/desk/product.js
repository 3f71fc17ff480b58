import { ask } from "./ask.js";
import { decision } from "./decide.js";
import { badge, facts, heading, pictures, plain, userLink, yuan } from "./things.js";
import { element } from "./dom.js";
import { noted } from "./refusal.js";
import { text } from "./text.js";

// productView shows a product, and has it decided about. row is its line in the queue, if it
// waits there; decided is called when that is done.
export async function productView(id, { row, decided }) {
  const { data: product, problem } = await ask("product/detail", { product_id: Number(id) });
  if (problem) return { problem };
  const reported = row?.reports > 0;
  const waits = product.review_state === 1;
  const reviewed = { 2: text.reviewPassed, 3: text.reviewRefused }[product.review_state]; // 0: needs no review
  const decide = (pass) => (note) => ask("product/review", { product_id: product.product_id, pass, note });
  const done = (words) => (late) => decided(late ?? words(product.product_name));
  const pass = { label: reported && !waits ? text.keepUp : text.pass, shortcut: "p", gone: 105, run: ({ note }) => decide(1)(note), done: done(text.passed) };
  const refuse = {
    label: waits && !reported ? text.refuse : text.takeDown, shortcut: "x", gone: 105, run: ({ note }) => decide(0)(note), done: done(text.refused),
    check: ({ note }) => note ? undefined : text.sayWhy,
  };
  return {
    element: element("article", {},
      heading(product.product_name, " ", waits ? badge(text.waitsForReview, "warn") : reviewed && badge(reviewed)),
      reported && element("p", { class: "say bad" }, text.reportedFor(row.reports, row.reason)),
      pictures(product.pics?.length ? product.pics : [product.pic_url].filter(Boolean), product.product_name),
      facts(
        [text.price, `${yuan(product.product_price)}${product.original_price > product.product_price ? ` (${text.before} ${yuan(product.original_price)})` : ""}`],
        [text.seller, userLink(product.user_id, product.user_name)], [text.shop, product.shop_name],
        [text.kind, text.productTypes[product.product_type]], [text.stock, product.product_stock === null ? text.unlimited : String(product.product_stock)],
        [text.sold, String(product.product_sale)], [text.keywords, product.product_key.replaceAll("|", ", ")], [text.changed, product.update_time],
        [text.number, String(product.product_id)], [text.noteBefore, await noted(product.review_note)]),
      element("p", { class: "content" }, plain(product.product_content)),
      element("section", { class: "panel" }, element("h3", {}, text.decide),
        decision(`product ${id}`, [{ name: "note", label: text.noteToSeller, max: 200, common: text.commonNotes, hint: text.noteHint }],
          waits || reported ? [pass, refuse] : [refuse]))),
  };
}
