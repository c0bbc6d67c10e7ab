import { useQuery } from '@tanstack/react-query';
import type { JSX } from 'react';
import { tokenUsageQuery } from '../../api/queries/tokens';
import { tokensWords as words } from '../../messages/tokens';

/** Says of a used token that it holds more than it uses, and opens its details. Where the server does not tell, nothing is said. */
export function CouldDoWithLess({ id, label, onOpen }: { id: string; label: string; onOpen: () => void }): JSX.Element | null {
  const { data } = useQuery({ ...tokenUsageQuery(id), retry: false });
  if (data?.advice == null || data.scopes.length === 0) return null;
  return (
    <button type="button" className="link-button" title={data.advice} aria-label={words.dietLabel(label)} onClick={onOpen}>
      {words.dietShort}
    </button>
  );
}
