import { createTheme, type CSSVariablesResolver, type MantineColorsTuple, type MantineThemeOverride } from '@mantine/core';

// Mantine wants ten shades; every component here takes its colours from tokens.css instead, so all ten are one variable.
const shades = (value: string): MantineColorsTuple => [value, value, value, value, value, value, value, value, value, value];

export const theme: MantineThemeOverride = createTheme({
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: 'var(--mono)',
  primaryColor: 'accent',
  colors: { accent: shades('var(--fill)') },
  defaultRadius: 6,
  radius: { xs: '4px', sm: '6px', md: '8px' },
  cursorType: 'pointer',
  focusRing: 'auto',
  components: {
    Button: {
      defaultProps: { size: 'sm' },
      vars: (_theme: unknown, props: { variant?: string }) => ({
        root: props.variant === undefined || props.variant === 'filled' ? { '--button-color': 'var(--on-fill)', '--button-hover-color': 'var(--on-fill)' } : {},
      }),
    },
    Checkbox: { defaultProps: { size: 'sm' } },
    // A <header> in a dialog would count as a second banner of the page.
    ModalHeader: { defaultProps: { role: 'presentation' } },
  },
});

// Given for both schemes, because Mantine sets the same variables once for each.
const colours = {
  '--mantine-color-body': 'var(--bg)',
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-dimmed': 'var(--muted)',
  '--mantine-color-placeholder': 'var(--muted)',
  '--mantine-color-anchor': 'var(--accent)',
  '--mantine-color-error': 'var(--bad)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-hover': 'var(--sunken)',
  '--mantine-color-default-color': 'var(--text)',
  '--mantine-color-default-border': 'var(--control)',
  '--mantine-color-accent-filled': 'var(--fill)',
  '--mantine-color-accent-filled-hover': 'var(--fill-hover)',
  '--mantine-color-accent-light': 'var(--accent-soft)',
  '--mantine-color-accent-light-hover': 'var(--accent-soft)',
  '--mantine-color-accent-light-color': 'var(--accent)',
  '--mantine-color-accent-text': 'var(--accent)',
  '--mantine-color-accent-outline': 'var(--accent)',
  '--mantine-primary-color-filled': 'var(--fill)',
  '--mantine-primary-color-filled-hover': 'var(--fill-hover)',
  '--mantine-primary-color-light': 'var(--accent-soft)',
  '--mantine-primary-color-contrast': 'var(--on-fill)',
  '--mantine-color-disabled': 'var(--sunken)',
  '--mantine-color-disabled-color': 'var(--muted)',
  '--mantine-color-disabled-border': 'var(--line)',
};

export const variables: CSSVariablesResolver = () => ({
  variables: { '--mantine-shadow-md': 'var(--float)', '--mantine-shadow-sm': 'none' },
  light: colours,
  dark: colours,
});
