import { entryWords as words } from '../../messages/entry';
import { formatMoment } from '../../messages/format';
import { plainText, referenceOf } from './archive';

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/;
const longest = 60;

/** One line that stands for a value in the tree. */
export function shortValue(value: unknown): string {
  if (Array.isArray(value)) {
    if (value.length > 4) return value.every((one) => typeof one === 'number') ? words.numbers(value.length) : words.values(value.length);
    return value.map(shortValue).join(', ');
  }
  if (typeof value === 'string') {
    if (referenceOf(value) !== undefined) return words.reference;
    if (isoTime.test(value)) return formatMoment(value);
    const text = plainText(value);
    return text.length > longest ? `${text.slice(0, longest)}…` : text;
  }
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return JSON.stringify(value);
}

/** The value in full, for the card beside the tree. */
export function fullValue(value: unknown): string {
  if (typeof value === 'string') return isoTime.test(value) ? formatMoment(value) : plainText(value);
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) return value.join(', ');
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return JSON.stringify(value, null, 2);
}
