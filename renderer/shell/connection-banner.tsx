import { Button } from '@mantine/core'
import { StateMark } from '../components/state-mark.tsx'
import { Ago } from '../components/time.tsx'
import { useLink, useLinkState } from '../data/link-context.ts'
import styles from './shell.module.css'

/** Says that the console does not answer: what is on screen is from before, and the page comes back by itself. */
export function ConnectionBanner() {
  const link = useLink()
  const state = useLinkState()
  if (state.kind !== 'lost') return null
  return (
    <div className={styles.banner} role="alert">
      <StateMark state="attention" word="The console does not answer" />
      <span>
        What you see is from <Ago at={state.since} />. Devices go on working; this page reconnects by itself.
      </span>
      <Button onClick={() => link.retryNow()}>Try now</Button>
    </div>
  )
}
