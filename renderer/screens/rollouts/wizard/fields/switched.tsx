import { Switch } from '@mantine/core'
import styles from '../wizard.module.css'

/** A rule that can be left out: a switch, and its fields while it is on. */
export function Switched({
  label,
  description,
  isOn,
  onSwitch,
  children,
}: {
  label: string
  description: string
  isOn: boolean
  onSwitch(isOn: boolean): void
  children: React.ReactNode
}) {
  return (
    <div className={styles.switched}>
      <Switch label={label} description={description} checked={isOn} onChange={(event) => onSwitch(event.currentTarget.checked)} />
      {isOn && <div className={styles.switchedBody}>{children}</div>}
    </div>
  )
}
