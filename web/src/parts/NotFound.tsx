import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import { refusalWords } from '../messages/refusal';
import { useSession } from '../session';
import { Empty } from '../ui/Empty';
import { IconFileOff } from '../ui/icons';
import { PageHead } from '../ui/PageHead';

/** The page for an address that no route knows. */
export function NotFound(): JSX.Element {
  const { lab_name: lab } = useSession();
  return (
    <>
      <PageHead title={refusalWords.missing} tab={[refusalWords.missing, lab]} />
      <div className="card">
        <Empty icon={IconFileOff} action={<Link to="/search">{refusalWords.back}</Link>}>
          {refusalWords.missingMore}
        </Empty>
      </div>
    </>
  );
}
