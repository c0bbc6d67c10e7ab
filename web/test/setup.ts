import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterEach, beforeEach, vi } from 'vitest';

// Pages are loaded on demand, and the first import of one may take a while; a failed query should not print the page.
configure({ asyncUtilTimeout: 5000, getElementError: (message) => new Error(message ?? 'Not found.') });

// What jsdom lacks and Mantine, the virtual list and the router ask for.
window.matchMedia = (query: string): MediaQueryList =>
  ({ matches: false, media: query, onchange: null, addEventListener: vi.fn(), removeEventListener: vi.fn(), dispatchEvent: () => false }) as unknown as MediaQueryList;

class NoResizeObserver implements ResizeObserver {
  observe(): void {
    // jsdom has no layout: there is nothing to observe.
  }
  unobserve(): void {
    // Nothing is observed.
  }
  disconnect(): void {
    // Nothing is observed.
  }
}
window.ResizeObserver = NoResizeObserver;
/** A stream that never says anything; tests of the bell bring one that does. */
class SilentEventSource extends EventTarget {
  close(): void {
    // Nothing is open.
  }
}
window.EventSource = SilentEventSource as unknown as typeof EventSource;
Object.defineProperty(document, 'fonts', { value: { addEventListener: vi.fn(), removeEventListener: vi.fn(), ready: Promise.resolve() } });
window.scrollTo = vi.fn();
Element.prototype.scrollIntoView = vi.fn();
Object.defineProperty(HTMLElement.prototype, 'clientHeight', { configurable: true, value: 600 });
Object.defineProperty(HTMLElement.prototype, 'clientWidth', { configurable: true, value: 800 });

Object.defineProperty(File.prototype, 'webkitRelativePath', { configurable: true, value: '' });

// The server writes the base path here.
const base = document.createElement('base');
base.href = 'http://oasis.test/nomad-oasis/gui/';
document.head.append(base);

beforeEach(() => {
  sessionStorage.clear();
});

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});
