import { Checkbox, TextInput } from '@mantine/core'
import type { TimeWindow, WindowRules } from '../../../../../shared/domain/rollout/plan.ts'
import { At } from '../fields/findings.tsx'
import { Switched } from '../fields/switched.tsx'
import { momentOf, momentText } from '../plan/moment-text.ts'
import { WindowFields } from './window-fields.tsx'

const nightly: TimeWindow = { cron: '0 2 * * *', minutes: 240, timeZone: 'site' }
const HOUR_MS = 3_600_000

/** When it begins, and when devices may download and activate. */
export function WindowsFields({ windows, onChange }: { windows: WindowRules; onChange(windows: WindowRules): void }) {
  const { startAt, download, activation, isSpread } = windows
  const change = (part: Partial<WindowRules>): void => onChange({ ...windows, ...part })
  return (
    <>
      <Switched
        label="Begins at a time"
        description="Otherwise as soon as it is started."
        isOn={startAt !== null}
        onSwitch={(isOn) => change({ startAt: isOn ? Math.ceil(Date.now() / HOUR_MS) * HOUR_MS : null })}
      >
        <At place="windows.startAt">
          <TextInput
            type="datetime-local"
            label="Not before"
            description="On the clock of this machine."
            w={220}
            value={startAt === null ? '' : momentText(startAt)}
            onChange={(event) => {
              const at = momentOf(event.currentTarget.value)
              if (at !== null) change({ startAt: at })
            }}
          />
        </At>
      </Switched>
      <Switched
        label="Download window"
        description="No device begins to fetch outside it."
        isOn={download !== null}
        onSwitch={(isOn) => change({ download: isOn ? nightly : null })}
      >
        {download !== null && (
          <WindowFields name="Download" place="windows.download" window={download} onChange={(next) => change({ download: next })} />
        )}
      </Switched>
      <Switched
        label="Activation window"
        description="The version is fetched before, and takes over within it."
        isOn={activation !== null}
        onSwitch={(isOn) => change({ activation: isOn ? (download ?? nightly) : null })}
      >
        {activation !== null && (
          <WindowFields
            name="Activation"
            place="windows.activation"
            window={activation}
            onChange={(next) => change({ activation: next })}
          />
        )}
      </Switched>
      {(download !== null || activation !== null) && (
        <Checkbox
          label="Spread devices over the window"
          description="Each begins at a moment of its own, not all when it opens."
          checked={isSpread}
          onChange={(event) => change({ isSpread: event.currentTarget.checked })}
        />
      )}
    </>
  )
}
