import { Button } from '@mantine/core';
import type { ComponentType, JSX, ReactNode } from 'react';

interface LinkToFileProps {
  href: string;
  icon: ComponentType<{ size?: number; 'aria-hidden'?: boolean }>;
  children: ReactNode;
}

/** A button-shaped link that downloads. */
export function LinkToFile({ href, icon: Icon, children }: LinkToFileProps): JSX.Element {
  return (
    <Button component="a" href={href} download variant="default" leftSection={<Icon size={18} aria-hidden />}>
      {children}
    </Button>
  );
}
