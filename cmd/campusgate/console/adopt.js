import { refreshAccounts } from "./account.js";
import { logIn, logOut } from "./session.js";

// masked is the data as it is shown: without passwords.
export const masked = (call, data) => Object.fromEntries(Object.entries(data).map(([name, value]) =>
  [name, value && call.fields.some((field) => field.name === name && field.kind === "password") ? "••••••••" : value]));

// adopt has the page act as the account that a call logged in to, and forget the one that
// it logged out of.
export function adopt(call, data, { envelope }) {
  if (envelope?.status !== 0) return;
  const { token, user_id: id, user_name: name = data.user_name } = envelope.data ?? {};
  if (token) logIn({ id: String(id), name, token });
  else if (["user/logout", "user/delete"].includes(call.name)) {
    logOut();
    refreshAccounts(); // the demo's get other tokens
  }
}
