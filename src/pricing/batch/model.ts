/**
 * The models of a batch: formulas for ordinary rows, and the scalar models for all others, which are limits, extremes and invalid
 * input. In forward models `spot` holds the forward, rate = -ln(DF)/T, and the dividendYield is not read.
 */
import { exp } from '../../math/exponential.js';
import { logRatio } from '../../math/logarithm.js';
import { bachelier } from '../bachelier.js';
import { blackGreeks, type BlackTerms } from '../black-greeks.js';
import { blackScholes } from '../black-scholes.js';
import { black76 } from '../black76.js';
import type { Greeks } from '../greeks.js';
import type { ImpliedVolatility } from '../implied-volatility.js';
import { inverse } from '../inverse.js';
import type { ForwardOption, SpotOption } from '../option.js';
import {
  bachelierFormulas,
  black76Formulas,
  blackScholesFormulas,
  inverseFormulas,
  type Formulas,
} from './formulas/formulas.js';

export type BatchModel = 'black-scholes' | 'black76' | 'bachelier' | 'displaced' | 'inverse';

export const BATCH_MODELS: readonly BatchModel[] = ['black-scholes', 'black76', 'bachelier', 'displaced', 'inverse'];

/** One row as the scalar models read it, forward and strike shifted. They throw an InputError for what is not valid. */
export interface Row {
  isCall: boolean;
  spot: number;
  strike: number;
  timeToExpiry: number;
  volatility: number;
  rate: number;
  dividendYield: number;
}

export interface ModelRows {
  formulas: Formulas;
  price(row: Row): number;
  greeks(row: Row): Greeks;
  impliedVolatility(row: Row, price: number): ImpliedVolatility;
}

function spotOption(row: Row): SpotOption {
  const { spot, strike, timeToExpiry, volatility, rate, dividendYield } = row;
  return { type: row.isCall ? 'call' : 'put', spot, strike, timeToExpiry, volatility, rate, dividendYield };
}

function forwardOption(row: Row): ForwardOption {
  const { spot: forward, strike, timeToExpiry, volatility, rate } = row;
  const type = row.isCall ? 'call' : 'put';
  return { type, forward, strike, timeToExpiry, volatility, discountFactor: exp(-rate * timeToExpiry) };
}

/** Black's terms with the rate as given: from a discount factor it would come back rounded. */
function forwardTerms(row: Row): BlackTerms {
  const { spot: underlying, strike, rate, timeToExpiry } = row;
  const discountFactor = exp(-rate * timeToExpiry);
  return {
    ...row,
    underlying,
    dividendYield: rate,
    discountFactor,
    discountedUnderlying: discountFactor * underlying,
    discountedStrike: discountFactor * strike,
    logMoneyness: logRatio(underlying, strike),
  };
}

const black76Rows: ModelRows = {
  formulas: black76Formulas,
  // The model itself checks the option; its price is the one of the terms.
  price: (row) => black76.price(forwardOption(row)),
  greeks(row) {
    black76.price(forwardOption(row));
    const greeks = blackGreeks(forwardTerms(row));
    greeks.rho = -row.timeToExpiry * greeks.price;
    greeks.dividendRho = 0;
    return greeks;
  },
  impliedVolatility: (row, price) => black76.impliedVolatility(forwardOption(row), price),
};

/** What computes the rows of each model. */
export const modelRows: Readonly<Record<BatchModel, ModelRows>> = {
  'black-scholes': {
    formulas: blackScholesFormulas,
    price: (row) => blackScholes.price(spotOption(row)),
    greeks: (row) => blackScholes.greeks(spotOption(row)),
    impliedVolatility: (row, price) => blackScholes.impliedVolatility(spotOption(row), price),
  },
  black76: black76Rows,
  displaced: black76Rows,
  bachelier: {
    formulas: bachelierFormulas,
    price: (row) => bachelier.price(forwardOption(row)),
    greeks: (row) => bachelier.greeks(forwardOption(row)),
    impliedVolatility: (row, price) => bachelier.impliedVolatility(forwardOption(row), price),
  },
  inverse: {
    formulas: inverseFormulas,
    price: (row) => inverse.price(forwardOption(row)),
    greeks: (row) => inverse.greeks(forwardOption(row)).coin,
    impliedVolatility: (row, price) => inverse.impliedVolatility(forwardOption(row), price),
  },
};
