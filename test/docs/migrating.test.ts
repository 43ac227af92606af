/** The correspondences of docs/migrating.md with the npm packages, one option for all. */
import { blackScholes as floePrice, calculateGreeks, calculateImpliedVolatility } from '@fullstackcraftllc/floe';
import { BlackScholes } from '@uqee/black-scholes';
import classicPrice from 'black-scholes';
import classicGreeks from 'greeks';
import classicVolatility from 'implied-volatility';
import { describe, expect, it } from 'vitest';
import { blackScholes } from '../../src/pricing/black-scholes.js';

const [spot, strike, timeToExpiry, volatility, rate] = [100, 105, 0.5, 0.25, 0.03] as const;

describe.each(['call', 'put'] as const)('a %s', (type) => {
  const option = { type, spot, strike, timeToExpiry, volatility, rate };
  const ours = blackScholes.greeks(option);
  const relative = (value: number, expected: number, error: number): void => {
    expect(Math.abs(value / expected - 1)).toBeLessThan(error);
  };

  it('in black-scholes, greeks and implied-volatility: vega and rho over 100, theta over 365', () => {
    const common = [spot, strike, timeToExpiry, volatility, rate] as const;
    relative(classicPrice.blackScholes(...common, type), ours.price, 1e-12);
    relative(classicGreeks.getDelta(...common, type), ours.delta, 1e-12);
    relative(classicGreeks.getGamma(...common), ours.gamma, 1e-12);
    relative(classicGreeks.getVega(...common), ours.vega / 100, 1e-12);
    relative(classicGreeks.getTheta(...common, type), ours.theta / 365, 1e-12);
    relative(classicGreeks.getRho(...common, type), ours.rho / 100, 1e-12);
    const implied = classicVolatility.getImpliedVolatility(ours.price, spot, strike, timeToExpiry, rate, type);
    relative(implied, volatility, 1e-3);
  });

  it('in @uqee/black-scholes: theta with the other sign', () => {
    const model = new BlackScholes({ sigmaToPricePrecision: 'double' });
    const theirs = model.option({ type, underlying: spot, strike, time: timeToExpiry, sigma: volatility, rate });
    relative(theirs.price, ours.price, 1e-12);
    relative(theirs.delta, ours.delta, 1e-12);
    relative(theirs.gamma, ours.gamma, 1e-12);
    relative(theirs.vega, ours.vega, 1e-12);
    relative(theirs.theta, -ours.theta, 1e-12);
    relative(theirs.rho, ours.rho, 1e-12);
  });

  it('in floe: rounded, per point and per day, volatility in per cent; third derivatives are others', () => {
    const given = { spot, strike, timeToExpiry, volatility, riskFreeRate: rate, optionType: type };
    const theirs = calculateGreeks(given);
    const near = (value: number, expected: number): void => {
      expect(Math.abs(value - expected)).toBeLessThanOrEqual(0.51e-5);
    };
    expect(floePrice(given)).toBeCloseTo(ours.price, 1);
    near(theirs.delta, ours.delta);
    near(theirs.gamma, ours.gamma);
    near(theirs.vega, ours.vega / 100);
    near(theirs.theta, ours.theta / 365);
    near(theirs.rho, ours.rho / 100);
    near(theirs.vanna, ours.vanna);
    near(theirs.volga, ours.volga / 100);
    near(theirs.charm, ours.charm / 365);
    const implied = calculateImpliedVolatility(ours.price, spot, strike, rate, 0, timeToExpiry, type);
    expect(implied / 100).toBeCloseTo(volatility, 3);
    for (const name of ['speed', 'zomma', 'color', 'ultima'] as const) {
      expect(Math.abs(theirs[name] / ours[name] - 1), name).toBeGreaterThan(0.5);
    }
  });
});
