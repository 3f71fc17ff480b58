import { refreshAccounts } from "./account.js";
import { send } from "./client.js";
import { buyer } from "./demo.js";
import { meaningOf } from "./refusal.js";
import { samples } from "./samples.js";
import { session, useToken } from "./session.js";
import { text } from "./text.js";

// sampleFor is what samples.js says of a call, made ready for this server: account is whom it is
// for, undefined without a demo; needs and made are only of a demo. finder finds a call by its name.
export function sampleFor(call, finder) {
  const { by = buyer, needs, find, make } = samples[call.name] ?? {};
  const demo = session.accounts.length > 0;
  return {
    needs: demo ? needs : undefined, made: demo && make !== undefined,
    account: () => session.accounts[by],
    // act has the page act as the account, unless somebody chose one that is not the demo's.
    act() {
      const wanted = session.accounts[by];
      if (wanted && call.token !== "none" && ofDemo()) useToken(wanted.token);
    },
    // find looks for what the form is filled with: undefined for nothing. It fails where it
    // cannot look.
    find: async () => find ? find(asker(finder, by)) : make ? undefined : {},
    // make tells of each call that it makes, less those that only look.
    async make(onCall) {
      const fields = await make(asker(finder, by, onCall));
      await refreshAccounts(); // wallets may have changed
      return fields;
    },
  };
}

const looks = /\/(list|mine|info|prepare|reviews|property)$/;

const ofDemo = () => session.accounts.some(({ token }) => token === session.token);

// asker makes calls as the accounts of the demo; who acts with a token of their own takes the
// place of the one that sends the call.
function asker(finder, by, onCall = () => {}) {
  return async (place, name, data) => {
    const token = place === by && session.token && !ofDemo() ? session.token : session.accounts[place]?.token;
    const call = finder(name);
    if (!call || (!token && call.token === "needed")) throw new Error(`${name}: there is no account for it`);
    const { envelope, problem } = await send(call, data, undefined, token ?? "");
    if (problem === "down" || problem === "slow") throw new Error(text[problem]);
    if (!looks.test(name)) onCall(name);
    if (envelope?.status !== 0 && envelope?.status !== 1) throw new Error(`${name}: ${envelope ? `${envelope.status} ${meaningOf(call, envelope)}` : problem}`);
    return envelope.data;
  };
}
