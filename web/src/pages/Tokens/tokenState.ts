import type { AccessToken } from '../../api/types';

const day = 86_400_000;
const soonDays = 14;

/** Whole days until the token ends; `undefined` when it never does. */
export const daysLeft = ({ expired_at: end }: AccessToken, now: number): number | undefined => (end === null ? undefined : Math.floor((Date.parse(end) - now) / day));

/** Whether somebody would miss it soon: it ends within two weeks, and it is used. */
export function endsSoon(token: AccessToken, now: number): boolean {
  const days = daysLeft(token, now);
  return token.state === 'active' && token.last_used_at !== null && days !== undefined && days < soonDays;
}

/** The names that more than one of the tokens has: those need their ids beside them. */
export function twins(tokens: AccessToken[]): Set<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { name } of tokens) {
    if (seen.has(name)) twice.add(name);
    seen.add(name);
  }
  return twice;
}
