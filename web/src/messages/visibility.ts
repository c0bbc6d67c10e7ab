import { addMonths, count, formatDate, formatList } from './format';

/** Everything the visibility sentence depends on. Names are of people other than the reader. */
export interface Visibility {
  /** Whether the reader is the main author. */
  mine: boolean;
  /** The main author's name; only used when the reader is somebody else. */
  author: string;
  /** Whether the reader is one of the members, e.g. a co-author or reviewer. */
  member: boolean;
  coauthors: string[];
  reviewers: string[];
  /** A group whose name the reader cannot be told is only counted. */
  groups: { name?: string; size?: number }[];
  /** Shared with the pseudo group of everybody. */
  everyone: boolean;
  published: boolean;
  publishTime?: string;
  embargoMonths: number;
  lab: string;
  /** Whether the lab lets in nobody without sign-in. */
  closed: boolean;
}

const mostNames = 3;

/** The sentence that says who can see an upload; the only place that makes it. */
export function visibilitySentence(v: Visibility): string {
  const audience = v.closed ? `everyone signed in at ${v.lab}` : 'everyone on the internet';
  if (v.published && v.embargoMonths > 0 && v.publishTime !== undefined) {
    return `Published with an embargo: until ${formatDate(addMonths(v.publishTime, v.embargoMonths))} ${onlyWhom(v)}; then ${audience}.`;
  }
  if (v.published) return `Visible to ${audience}${v.publishTime === undefined ? '' : ` since ${formatDate(v.publishTime)}`}.`;
  const whom = members(v);
  if (v.everyone) return `Visible to ${formatList([...whom, `everyone ${v.closed ? 'signed in' : 'who can open'}${v.closed ? ' at ' : ' '}${v.lab}`])}.`;
  return whom.length === 1 ? `Visible only to ${whom[0] ?? ''}.` : `Visible to ${formatList(whom)}.`;
}

function onlyWhom(v: Visibility): string {
  return `only ${formatList(members(v))}`;
}

/** "you", then up to three names, else counts by role; then the groups. */
function members(v: Visibility): string[] {
  const start = v.mine ? ['you'] : v.member ? ['you', v.author] : [v.author];
  const names = [...v.coauthors, ...v.reviewers];
  const named = names.length <= mostNames ? names : [...counted(v.coauthors.length, 'co-author'), ...counted(v.reviewers.length, 'reviewer')];
  return [...start, ...named, ...groupWords(v.groups)];
}

const counted = (amount: number, word: string): string[] => (amount === 0 ? [] : [count(amount, word)]);

function groupWords(groups: Visibility['groups']): string[] {
  if (groups.length === 0) return [];
  if (groups.length > mostNames || groups.some(({ name }) => name === undefined)) return [count(groups.length, 'group')];
  return groups.map(({ name = '', size }) => (size === undefined ? `the group ${name}` : `the ${count(size, 'person', 'people')} in ${name}`));
}
