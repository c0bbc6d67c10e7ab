import { Button } from '@mantine/core';
import type { JSX, ReactNode } from 'react';
import { searchWords as words } from '../../messages/search';
import styles from './FilterSheet.module.css';
import { Dialog } from '../../ui/Dialog';

interface FilterSheetProps {
  total: number;
  children: ReactNode;
  onClose: () => void;
}

/** The facets on a narrow screen: a sheet over the page whose button says what one will see. */
export function FilterSheet({ total, children, onClose }: FilterSheetProps): JSX.Element {
  return (
    <Dialog fullScreen title={words.filters} onClose={onClose} padding={0} classNames={{ header: styles.header }}>
      {children}
      <div className={styles.foot}>
        <Button fullWidth size="md" onClick={onClose}>
          {words.showEntries(total)}
        </Button>
      </div>
    </Dialog>
  );
}
