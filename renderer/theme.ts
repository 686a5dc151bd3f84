import { createTheme, defaultVariantColorsResolver, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core'

const blue: MantineColorsTuple = [
  '#e8f0fc',
  '#cfe0f9',
  '#a3c4f3',
  '#7db1ff',
  '#4f8ee6',
  '#3377d6',
  '#2167c8',
  '#1a5fc0',
  '#1557b8',
  '#0f4596',
]

/** Neutrals of the dark theme, from text to the deepest ground: the same as in tokens.css. */
const dark: MantineColorsTuple = [
  '#e6e9ed',
  '#c6ccd4',
  '#a0a8b3',
  '#6b7480',
  '#3b424d',
  '#262b33',
  '#181c22',
  '#0f1115',
  '#0b0d10',
  '#08090b',
]

/** Dense by default: an operator keeps the console open all day on a second screen. */
export const theme = createTheme({
  primaryColor: 'blue',
  colors: { blue, dark },
  primaryShade: { light: 8, dark: 3 },
  autoContrast: true,
  luminanceThreshold: 0.179,
  // The kit decides on the text of a filled button by the light theme only: ours come from the tokens, which differ by theme.
  variantColorResolver(input) {
    const colors = defaultVariantColorsResolver(input)
    const isPrimary = input.color === undefined || input.color === input.theme.primaryColor
    return input.variant === 'filled' && isPrimary ? { ...colors, color: 'var(--accent-text)' } : colors
  },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  fontSizes: { xs: '12px', sm: '13px', md: '13px', lg: '15px', xl: '18px' },
  defaultRadius: 4,
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '20px', xl: '24px' },
  components: {
    Button: { defaultProps: { size: 'xs', variant: 'default' } },
    ActionIcon: { defaultProps: { size: 'md', variant: 'subtle', color: 'gray' } },
    TextInput: { defaultProps: { size: 'xs' } },
    PasswordInput: { defaultProps: { size: 'xs' } },
    FileInput: { defaultProps: { size: 'xs', clearButtonProps: { 'aria-label': 'Take the file out' } } },
    NumberInput: { defaultProps: { size: 'xs' } },
    Textarea: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs', comboboxProps: { transitionProps: { duration: 0 } } } },
    MultiSelect: { defaultProps: { size: 'xs' } },
    Autocomplete: { defaultProps: { size: 'xs' } },
    Checkbox: { defaultProps: { size: 'xs' } },
    Radio: { defaultProps: { size: 'xs' } },
    Switch: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    Tabs: { defaultProps: { keepMounted: false } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: false, transitionProps: { duration: 0 } } },
    // The hidden place for the first focus would be a child that a menu may not have.
    Menu: { defaultProps: { transitionProps: { duration: 0 }, shadow: 'md', withInitialFocusPlaceholder: false } },
    Modal: { defaultProps: { transitionProps: { duration: 0 }, centered: true, closeButtonProps: { 'aria-label': 'Close' } } },
    Popover: { defaultProps: { transitionProps: { duration: 0 } } },
  },
})

/** Mantine's own variables follow the tokens, so that its parts and ours cannot differ. */
export const variables: CSSVariablesResolver = () => {
  const both = {
    '--mantine-color-body': 'var(--bg)',
    '--mantine-color-text': 'var(--text)',
    '--mantine-color-dimmed': 'var(--text-dim)',
    '--mantine-color-placeholder': 'var(--text-dim)',
    '--mantine-color-anchor': 'var(--accent)',
    '--mantine-color-default': 'var(--bg-raised)',
    '--mantine-color-default-hover': 'var(--bg-hover)',
    '--mantine-color-default-color': 'var(--text)',
    '--mantine-color-default-border': 'var(--line-strong)',
    '--mantine-color-error': 'var(--failed)',
    '--mantine-color-gray-light-color': 'var(--text-dim)',
    '--mantine-color-gray-text': 'var(--text-dim)',
  }
  return { variables: {}, light: both, dark: both }
}
