import { useBlocker } from '@tanstack/react-router';
import { useEffect } from 'react';

/** Asks with a sentence before the page is left while there is something to lose. */
export function useAskBeforeLosing(ask: boolean, sentence: string): void {
  useBlocker({
    shouldBlockFn: ({ current, next }) => ask && current.pathname !== next.pathname && !window.confirm(sentence),
    enableBeforeUnload: false,
  });
  useEffect(() => {
    if (!ask) return undefined;
    const prevent = (event: BeforeUnloadEvent): void => {
      event.preventDefault();
    };
    window.addEventListener('beforeunload', prevent);
    return () => {
      window.removeEventListener('beforeunload', prevent);
    };
  }, [ask]);
}
