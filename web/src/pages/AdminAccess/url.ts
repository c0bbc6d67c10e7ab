import { textParam } from '../../urlState';

/** A question that another page has begun, such as a row of the audit log. */
export interface AskSearch {
  user?: string;
  operation?: string;
}

export function readAskSearch(values: Record<string, unknown>): AskSearch {
  return { user: textParam(values, 'user'), operation: textParam(values, 'operation') };
}
