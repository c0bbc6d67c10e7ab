export type LookKind = 'picture' | 'table' | 'text';

const kinds: Record<string, LookKind> = { png: 'picture', jpg: 'picture', jpeg: 'picture', gif: 'picture', webp: 'picture', csv: 'table', tsv: 'table', txt: 'text', md: 'text', dat: 'text', log: 'text' };
const biggestPicture = 20_000_000;

/** How a file can be shown, or `undefined` when it cannot. */
export function lookKind(file: { path: string; size: number }): LookKind | undefined {
  const kind = kinds[file.path.slice(file.path.lastIndexOf('.') + 1).toLowerCase()];
  return kind === 'picture' && file.size > biggestPicture ? undefined : kind;
}

const mostRows = 50;

/** The first rows of a table of text. Quoted cells may hold the separator; a last row cut by the end of the piece is dropped. */
export function readTable(text: string, whole: boolean): string[][] {
  const separator = ['\t', ';', ','].find((mark) => (text.split('\n', 1)[0] ?? '').includes(mark)) ?? ',';
  const lines = text.split(/\r?\n/);
  const complete = whole ? lines : lines.slice(0, -1);
  return complete
    .filter((line) => line.trim() !== '')
    .slice(0, mostRows + 1)
    .map((line) => cells(line, separator));
}

function cells(line: string, separator: string): string[] {
  const found: string[] = [];
  let cell = '';
  let quoted = false;
  for (let index = 0; index < line.length; index += 1) {
    const letter = line.charAt(index);
    if (letter === '"' && quoted && line.charAt(index + 1) === '"') {
      cell += '"';
      index += 1;
    } else if (letter === '"') {
      quoted = !quoted;
    } else if (letter === separator && !quoted) {
      found.push(cell);
      cell = '';
    } else {
      cell += letter;
    }
  }
  return [...found, cell].map((one) => one.trim());
}
