/** Where the formulas of Greeks leave their results: the order of GREEK_NAMES in columns.ts, and three more. */

export const PRICE = 0;
export const DELTA = 1;
export const GAMMA = 2;
export const VEGA = 3;
export const THETA = 4;
export const RHO = 5;
export const DIVIDEND_RHO = 6;
export const VANNA = 7;
export const VOLGA = 8;
export const CHARM = 9;
export const VETA = 10;
export const SPEED = 11;
export const ZOMMA = 12;
export const COLOR = 13;
export const ULTIMA = 14;
export const DUAL_DELTA = 15;
export const DUAL_GAMMA = 16;
/** The signed legs omega A N(omega d1) and omega B N(omega d2), and w: what the derivatives are made of. */
export const UNDERLYING_PART = 17;
export const STRIKE_PART = 18;
export const DENSITY_PART = 19;
export const GREEK_RESULTS = 20;
