import { Button, PasswordInput, Stack } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import { CodeLine } from '../components/copy.tsx'
import { ProblemBox } from '../components/answered.tsx'
import { useLinkState } from '../data/link-context.ts'
import { useQuery } from '../data/use-query.ts'
import { keepKey } from '../transport/key.ts'
import { CoreFailure } from './core-failure.tsx'
import { Shell } from './shell.tsx'
import styles from './gate.module.css'

const FirstRun = lazy(() => import('../screens/setup/first-run.tsx').then((module) => ({ default: module.FirstRun })))

const SignIn = lazy(() => import('../screens/sign-in/sign-in.tsx').then((module) => ({ default: module.SignIn })))

/** Decides what a person meets: the question for the key, signing in, the first run, or the console. */
export function Gate() {
  const link = useLinkState()
  const access = useQuery('access.show', {})
  const isGuest = access.data === undefined || access.data.caller.by === 'guest'
  const setup = useQuery('setup.show', {}, { enabled: !isGuest })
  if (link.kind === 'denied') return <KeyAsked reason={link.reason} />
  if (access.data !== undefined && isGuest) {
    return (
      <Suspense fallback={null}>
        <SignIn ways={access.data.ways} />
      </Suspense>
    )
  }
  if (setup.data !== undefined) {
    return setup.data.isDone ? (
      <Shell />
    ) : (
      <Suspense fallback={null}>
        <FirstRun setup={setup.data} />
      </Suspense>
    )
  }
  return (
    <main className={styles.gate}>
      <img src="/icon.svg" alt="" width="40" height="40" />
      <CoreFailure />
      {(access.error ?? setup.error) !== null ? (
        <ProblemBox problem={(access.error ?? setup.error)!} onRetry={() => void (access.error === null ? setup : access).refetch()} />
      ) : (
        <p role="status" className="dim">
          {link.kind === 'lost' ? 'The console does not answer. This page tries again by itself.' : 'Connecting to the console'}
        </p>
      )}
    </main>
  )
}

/** Asks for the key: the page was opened without it, or with one of another console. */
function KeyAsked({ reason }: { reason: string }) {
  const [key, setKey] = useState('')
  return (
    <main className={styles.gate}>
      <img src="/icon.svg" alt="" width="40" height="40" />
      <h1>This page needs the key of the console</h1>
      <p>{reason}</p>
      <p>Open the address that the console printed at its start, or let it be printed again:</p>
      <CodeLine text="npm run -s muster -- open" label="Copy the command" />
      <form
        onSubmit={(event) => {
          event.preventDefault()
          keepKey(key)
          location.reload()
        }}
      >
        <Stack gap="xs">
          <PasswordInput
            label="Or paste the key here"
            value={key}
            onChange={(event) => setKey(event.currentTarget.value)}
            autoComplete="off"
          />
          <Button type="submit" variant="filled" disabled={key.trim() === ''}>
            Open the console
          </Button>
        </Stack>
      </form>
    </main>
  )
}
