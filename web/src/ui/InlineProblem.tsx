import { Button } from '@mantine/core';
import type { JSX } from 'react';
import { Says } from './Says';

interface InlineProblemProps {
  error: Error & { requestId?: string | undefined };
  onAgain?: () => void;
}

/** A problem of one part of a page: what the server said, the request id, and another try. */
export function InlineProblem({ error, onAgain }: InlineProblemProps): JSX.Element {
  return (
    <Says
      tone="bad"
      role="alert"
      more={error.requestId === undefined ? undefined : `Request ${error.requestId}`}
      action={
        onAgain === undefined ? undefined : (
          <Button size="xs" variant="default" onClick={onAgain}>
            Try again
          </Button>
        )
      }
    >
      {error.message}
    </Says>
  );
}
