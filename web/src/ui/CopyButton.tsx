import { Button } from '@mantine/core';
import { useEffect, useState, type JSX } from 'react';
import { IconCheck, IconCopy } from './icons';

interface CopyButtonProps {
  value: string;
  /** What the button copies, e.g. "the token": its accessible name is "Copy the token". */
  what: string;
  label?: string;
  /** Shows the whole name, where more than one thing can be copied. */
  named?: boolean;
  variant?: 'default' | 'filled' | 'subtle';
  onCopied?: () => void;
}

const shownFor = 2000;

/** Copies a text and says so. Where the browser allows no clipboard (plain http), it selects nothing and says what to do. */
export function CopyButton({ value, what, label = 'Copy', named = false, variant = 'default', onCopied }: CopyButtonProps): JSX.Element {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  useEffect(() => {
    if (state === 'idle') return undefined;
    const timer = setTimeout(() => {
      setState('idle');
    }, shownFor);
    return () => {
      clearTimeout(timer);
    };
  }, [state]);
  const copy = async (): Promise<void> => {
    const done = await writeClipboard(value);
    setState(done ? 'copied' : 'failed');
    if (done) onCopied?.();
  };
  const words = { idle: named ? `${label} ${what}` : label, copied: 'Copied', failed: 'Select it and press Ctrl C' }[state];
  return (
    <Button
      size="xs"
      variant={variant}
      leftSection={state === 'copied' ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
      aria-label={state === 'idle' ? `${label} ${what}` : undefined}
      onClick={() => void copy()}
    >
      <span aria-live="polite">{words}</span>
    </Button>
  );
}

/** The clipboard API exists only on https and localhost; a lab's plain-http address needs the older way. */
async function writeClipboard(value: string): Promise<boolean> {
  if (window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(value);
      return true;
    } catch {
      return false;
    }
  }
  const field = document.createElement('textarea');
  field.value = value;
  field.readOnly = true;
  field.className = 'hidden-text';
  document.body.append(field);
  const before = document.activeElement;
  field.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way without a secure context
  const done = document.execCommand('copy');
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  return done;
}
