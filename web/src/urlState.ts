// Search parameters are short plain text (?q=TiO2&type=A&type=B), never JSON: they are typed and shared by people.

type Values = Record<string, unknown>;

/** Reads `?a=1&a=2&b=x` as {a: ['1','2'], b: 'x'}. */
export function parseSearch(text: string): Values {
  const values: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const before = values[name];
    values[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return values;
}

/** Writes what `parseSearch` reads; absent, empty and `false` values are left out. */
export function stringifySearch(values: Values): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (one === true) params.append(name, '1');
      else if (typeof one === 'string' && one !== '') params.append(name, one);
      else if (typeof one === 'number') params.append(name, String(one));
    }
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

/** One text parameter; `undefined` when absent or empty. */
export function textParam(values: Values, name: string): string | undefined {
  const value = values[name];
  const one: unknown = Array.isArray(value) ? value[0] : value;
  return typeof one === 'string' && one !== '' ? one : undefined;
}

/** A parameter that may be given several times; `undefined` when absent. */
export function listParam(values: Values, name: string): string[] | undefined {
  const value = values[name];
  const list = (Array.isArray(value) ? (value as unknown[]) : [value]).filter((one): one is string => typeof one === 'string' && one !== '');
  return list.length === 0 ? undefined : list;
}

/** A parameter with a fixed set of values; anything else counts as absent. */
export function choiceParam<Choice extends string>(values: Values, name: string, choices: readonly Choice[]): Choice | undefined {
  return choices.find((choice) => choice === textParam(values, name));
}
