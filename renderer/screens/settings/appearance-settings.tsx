import { SegmentedControl, Stack, useMantineColorScheme } from '@mantine/core'
import { Section } from '../../components/screen.tsx'

/** Light, dark, or as the system has it; kept in this browser. */
export function AppearanceSettings() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Section title="Theme">
      <Stack gap="xs" align="flex-start">
        <SegmentedControl
          aria-label="Theme"
          value={colorScheme}
          onChange={(value) => setColorScheme(value === 'dark' || value === 'light' ? value : 'auto')}
          data={[
            { value: 'light', label: 'Light' },
            { value: 'dark', label: 'Dark' },
            { value: 'auto', label: 'As the system' },
          ]}
        />
        <span className="dim">Kept in this browser. T switches from anywhere.</span>
      </Stack>
    </Section>
  )
}
