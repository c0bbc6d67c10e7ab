import { Button } from '@mantine/core';
import type { UseMutationResult } from '@tanstack/react-query';
import type { JSX } from 'react';
import { InlineProblem } from '../ui/InlineProblem';

interface DecideProps {
  /** Takes the answer of the person. */
  decide: UseMutationResult<unknown, Error, boolean>;
  yes: string;
  no: string;
}

/** Yes or no to somebody who wants to act as the person, and what the server says when it cannot take the answer. */
export function Decide({ decide, yes, no }: DecideProps): JSX.Element {
  return (
    <>
      {decide.isError ? <InlineProblem error={decide.error} /> : null}
      <div className="row">
        <Button
          loading={decide.isPending}
          onClick={() => {
            decide.mutate(true);
          }}
        >
          {yes}
        </Button>
        <Button
          variant="default"
          disabled={decide.isPending}
          onClick={() => {
            decide.mutate(false);
          }}
        >
          {no}
        </Button>
      </div>
    </>
  );
}
