// What the page remembers: in its memory, and only by choice in the tab's session
// storage.

const stored = "campusgate.token";
const changed = new EventTarget();

export const session = {
  token: sessionStorage.getItem(stored) ?? "",
  kept: sessionStorage.getItem(stored) !== null,
  accounts: [], // the demo's, with their wallets and roles
  own: [], // those that somebody logged in to on this page
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

// logIn acts as an account ({id, name, token}), which can be chosen again from now on.
export function logIn(account) {
  session.own = [...session.own.filter(({ id }) => id !== account.id), account];
  useToken(account.token);
}

// logOut forgets the account whose token has ended.
export function logOut() {
  session.own = session.own.filter(({ token }) => token !== session.token);
  useToken("");
}

// known are all accounts that the page can act as.
export const known = () => [...session.accounts, ...session.own];

// account is the known one that the token is of, if there is one.
export const account = () => known().find(({ token }) => token === session.token);
