/** The formulas of each model under one signature; forward models have one rate and leave the last argument out. */
import {
  bachelierDeviation,
  bachelierGreeks,
  bachelierPrice,
  bachelierQuestion,
  isOrdinaryBachelier,
} from './bachelier.js';
import {
  black76Greeks,
  black76Price,
  blackScholesGreeks,
  blackScholesPrice,
  isOrdinary,
  isOrdinaryForward,
} from './black.js';
import {
  black76Question,
  blackScholesQuestion,
  lowerDeviation,
  middleDeviation,
  upperDeviation,
} from './black-implied.js';
import { inverseGreeks, inversePrice, inverseQuestion } from './inverse.js';

/** sigma sqrt(T) from the two numbers of a question. */
export type Deviation = (first: number, second: number) => number;

export interface Formulas {
  /** Whether price and Greeks of a row may be computed by these formulas. */
  isOrdinary(
    underlying: number,
    strike: number,
    timeToExpiry: number,
    volatility: number,
    rate: number,
    dividendYield: number,
  ): boolean;
  price(
    omega: number,
    underlying: number,
    strike: number,
    timeToExpiry: number,
    volatility: number,
    rate: number,
    dividendYield: number,
  ): number;
  greeks(
    results: Float64Array,
    omega: number,
    underlying: number,
    strike: number,
    timeToExpiry: number,
    volatility: number,
    rate: number,
    dividendYield: number,
  ): void;
  question(
    results: Float64Array,
    omega: number,
    underlying: number,
    strike: number,
    timeToExpiry: number,
    price: number,
    rate: number,
    dividendYield: number,
  ): void;
  /** By the kind of question, less one. */
  deviations: readonly Deviation[];
}

const blackDeviations: readonly Deviation[] = [lowerDeviation, middleDeviation, upperDeviation];

export const blackScholesFormulas: Formulas = {
  isOrdinary,
  price: blackScholesPrice,
  greeks: blackScholesGreeks,
  question: blackScholesQuestion,
  deviations: blackDeviations,
};

/** Displaced options too: forward and strike are shifted before. */
export const black76Formulas: Formulas = {
  isOrdinary: isOrdinaryForward,
  price: black76Price,
  greeks: black76Greeks,
  question: black76Question,
  deviations: blackDeviations,
};

export const bachelierFormulas: Formulas = {
  isOrdinary: isOrdinaryBachelier,
  price: bachelierPrice,
  greeks: bachelierGreeks,
  question: bachelierQuestion,
  deviations: [bachelierDeviation],
};

export const inverseFormulas: Formulas = {
  isOrdinary: isOrdinaryForward,
  price: inversePrice,
  greeks: inverseGreeks,
  question: inverseQuestion,
  deviations: blackDeviations,
};
