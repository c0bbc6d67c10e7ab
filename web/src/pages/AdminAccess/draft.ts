import type { PolicyChanges, PolicyOrigin, PolicySettings } from '../../api/types';

export type RuleKey = 'unauthenticated_user_scopes' | 'unauthorized_user_scopes';
export type Origins = Record<string, PolicyOrigin | undefined>;

const rules = ['unauthenticated_user_scopes', 'unauthorized_user_scopes'] as const;
const sides = ['include', 'exclude'] as const;

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
const isRule = (key: string): key is RuleKey => rules.some((rule) => rule === key);

/** Where a setting is set when it cannot be changed here; a rule is locked when one of its sides is. */
export function lockOf(origins: Origins, key: string): PolicyOrigin | undefined {
  const keys = isRule(key) ? sides.map((side) => `${key}.${side}`) : [key];
  return keys.map((one) => origins[one]).find((origin) => origin?.locked === true);
}

/** The settings as they would be with a draft. */
export function withDraft(settings: PolicySettings, draft: PolicyChanges): PolicySettings {
  const { unauthenticated_user_scopes: visitors, unauthorized_user_scopes: unlisted, ...plain } = draft;
  return {
    ...settings,
    ...plain,
    unauthenticated_user_scopes: { ...settings.unauthenticated_user_scopes, ...visitors },
    unauthorized_user_scopes: { ...settings.unauthorized_user_scopes, ...unlisted },
  };
}

/** What of a draft differs from what is in force and is not locked: this is sent. Its keys come in one order. */
export function settle(settings: PolicySettings, draft: PolicyChanges, origins: Origins): PolicyChanges {
  const wanted = withDraft(settings, draft);
  const out: Record<string, unknown> = {};
  for (const key of (Object.keys(settings) as (keyof PolicySettings)[]).toSorted()) {
    if (lockOf(origins, key) !== undefined) continue;
    if (!isRule(key)) {
      if (!same(wanted[key], settings[key])) out[key] = wanted[key];
      continue;
    }
    const changed = sides.filter((side) => !same(wanted[key][side], settings[key][side]));
    if (changed.length > 0) out[key] = Object.fromEntries(changed.map((side) => [side, wanted[key][side]]));
  }
  return out;
}

/** Whether choosing a preset would change nothing that matters: a rule that applies to nobody does not. */
export function matches(settings: PolicySettings, draft: PolicyChanges, preset: PolicyChanges, origins: Origins): boolean {
  const { unauthenticated_user_scopes: visitors, unauthorized_user_scopes: unlisted, ...plain } = preset;
  const wanted: PolicyChanges = { ...draft, ...plain };
  if (preset.require_authentication !== true && visitors !== undefined) wanted.unauthenticated_user_scopes = visitors;
  if (preset.reject_unauthorized_users !== true && unlisted !== undefined) wanted.unauthorized_user_scopes = unlisted;
  return same(settle(settings, wanted, origins), draft);
}
