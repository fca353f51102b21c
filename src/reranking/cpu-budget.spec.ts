import { CpuBudget } from './cpu-budget.js';

describe('CpuBudget', () => {
  it('gives a share of the clock, saves up for ten seconds, and takes back what was overdrawn', () => {
    let now = 0;
    const budget = new CpuBudget(0.5, () => now);
    expect([budget.allows(5000), budget.allows(5001), budget.allows(60_000)]).toEqual([true, true, true]);
    budget.spend(4000);
    expect([budget.allows(1000), budget.allows(1001)]).toEqual([true, false]);
    budget.spend(2000);
    expect(budget.allows(1)).toBe(false);
    now += 2000;
    expect(budget.allows(1)).toBe(false);
    now += 200;
    expect([budget.allows(100), budget.allows(101)]).toEqual([true, false]);
    now += 3_600_000;
    expect(budget.allows(5000)).toBe(true);
    budget.spend(5000);
    expect(budget.allows(1)).toBe(false);
  });

  it('is for nothing where there is no share', () => {
    const budget = new CpuBudget(1, () => 0);
    budget.spend(10_000);
    expect(budget.allows(1)).toBe(false);
  });
});
