// Whom the journeys act as: the demo's accounts, by their places in session.accounts.

export const seller = 0;
export const buyer = 1;
export const admin = 2;
export const secondSeller = 3;
