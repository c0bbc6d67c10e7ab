// Numbers, dates and lists in the browser's own language habits; the sentences around them are English.
const number = new Intl.NumberFormat();
const compact = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });
const plural = new Intl.PluralRules('en');
const longDate = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
const shortDate = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const and = new Intl.ListFormat('en-GB', { type: 'conjunction' });

export const formatNumber = (value: number): string => number.format(value);

/** 3.5k: for places with room for three characters. */
export const formatCompact = (value: number): string => (value < 1000 ? String(value) : compact.format(value).toLowerCase());

/** "1 file", "1,204 files"; `many` is given only for words that do not simply take an s. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${number.format(value)} ${plural.select(value) === 'one' ? one : many}`;
}

export const formatDate = (iso: string): string => longDate.format(new Date(iso));
export const formatShortDate = (iso: string): string => shortDate.format(new Date(iso));
export const formatMoment = (iso: string): string => moment.format(new Date(iso));
export const formatList = (items: string[]): string => and.format(items);

const sizes = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** "8.4 GB": decimal units, one digit after the point below 10. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < sizes.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${new Intl.NumberFormat(undefined, { maximumFractionDigits: digits }).format(value)} ${sizes[unit] ?? ''}`;
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** "just now", "12 min ago", "17 h ago", "4 days ago", then the date. */
export function ago(iso: string, now: Date = new Date()): string {
  const seconds = (now.getTime() - new Date(iso).getTime()) / 1000;
  if (seconds < minute) return 'just now';
  if (seconds < hour) return `${Math.floor(seconds / minute)} min ago`;
  if (seconds < day) return `${Math.floor(seconds / hour)} h ago`;
  if (seconds < 14 * day) return `${count(Math.floor(seconds / day), 'day')} ago`;
  return formatShortDate(iso);
}

/** "about 40 s", "about 3 min", "about 2 h". */
export function duration(seconds: number): string {
  if (seconds < 5) return 'a few seconds';
  if (seconds < 90) return `about ${Math.ceil(seconds / 5) * 5} s`;
  if (seconds < 90 * minute) return `about ${Math.round(seconds / minute)} min`;
  return `about ${Math.round(seconds / hour)} h`;
}

/** Adds whole months to a date, staying inside the month: 31 January + 1 = 28 or 29 February. */
export function addMonths(iso: string, months: number): string {
  const from = new Date(iso);
  const to = new Date(from);
  to.setUTCDate(1);
  to.setUTCMonth(to.getUTCMonth() + months);
  const last = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() + 1, 0)).getUTCDate();
  to.setUTCDate(Math.min(from.getUTCDate(), last));
  return to.toISOString();
}
