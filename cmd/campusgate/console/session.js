// What the page remembers: in its memory, and only by choice in the tab's session
// storage.

const stored = "campusgate.token";
const changed = new EventTarget();

export const session = {
  token: sessionStorage.getItem(stored) ?? "",
  kept: sessionStorage.getItem(stored) !== null,
  accounts: [], // the demo's, with their wallets
  hashes: {}, // the last hash of a picture (img) and of an SMS code (sms)
};

// onChange calls a listener whenever something was remembered.
export const onChange = (listener) => changed.addEventListener("change", listener);

const tell = () => changed.dispatchEvent(new Event("change"));

export function useToken(token) {
  session.token = token.trim();
  store();
  tell();
}

export function keepToken(kept) {
  session.kept = kept;
  store();
}

function store() {
  if (session.kept) sessionStorage.setItem(stored, session.token);
  else sessionStorage.removeItem(stored);
}

export function keepHash(type, hash) {
  session.hashes[type] = hash;
  tell();
}

export function useAccounts(accounts) {
  session.accounts = accounts;
  tell();
}

// account is the demo's account that the token is of, if it is one.
export const account = () => session.accounts.find(({ token }) => token === session.token);
