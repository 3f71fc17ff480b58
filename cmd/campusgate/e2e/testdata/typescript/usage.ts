// What the types of the generated client take and refuse. It is compiled and not
// run: a line that should be refused and is not fails the compilation.
import { statuses } from "./campusgate.js";
import type { Client, LoggedInUser, ProductRow, RegisteredUser, ShopRow, UserInfo } from "./campusgate.js";

export async function usage(client: Client): Promise<void> {
  const shops: ShopRow[] = await client.shopList({ mode: 1, page: "1" });
  const product: ProductRow = await client.productInfo({ product_id: 4517733 });
  const discount: number | null = product.product_disprice;
  const text: "The shop name was used" = statuses.shopCreat[100];
  const address: string = client.getPicURL("shop", "tea.png");
  await client.purchaseList(undefined, AbortSignal.timeout(1000));

  const sms = { phone: "13712345678", sms_hash: "900150983cd24fb0d6963f7d28e17f72" };
  const registered: RegisteredUser = await client.userRegister({ ...sms, password: "correct horse", user_name: "newcomer" });
  const session: LoggedInUser = await client.userLogin(sms);
  const shown: UserInfo = await client.userInfo({ user_id: registered.user_id });
  const phone: string | undefined = shown.phone;

  // @ts-expect-error a key is missing
  await client.shopCreat({});
  // @ts-expect-error a value is none of the call's
  await client.getPropertyList({ type: 3 });
  // @ts-expect-error a key is unknown
  await client.purchasePay({ purchase_id: "1", method: "wallet", user_id: 1 });
  // @ts-expect-error purchase_id is text only
  await client.purchaseInfo({ purchase_id: 15749511524517733 });
  // @ts-expect-error an id is a number
  const id: string = product.shop_id;
  // @ts-expect-error the price may be null
  const price: number = product.product_disprice;
  // @ts-expect-error of another account there is no phone
  const always: string = shown.phone;
  await client.userVerify({ real_name: "王凌超", id_code: "11010519491231002X", pic_up: "", pic_down: "", request_key: "verify-0001" });
  // @ts-expect-error the call has no request_key
  await client.userInfo({ request_key: "0123456789" });
  // @ts-expect-error the call has no such status
  const unknown = statuses.shopCreat[999];
  console.log(shops, discount, text, address, session, phone, id, price, always, unknown);
}
