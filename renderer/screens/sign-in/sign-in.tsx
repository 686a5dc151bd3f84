import { Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { ProblemBox } from '../../components/answered.tsx'
import { showPageTitle } from '../../components/page-title.ts'
import { useLink } from '../../data/link-context.ts'
import { hostBridge } from '../../transport/choose-link.ts'
import { keepKey } from '../../transport/key.ts'
import type { Link } from '../../transport/link.ts'
import { answerWithPasskey, passkeyPlace } from './passkey.ts'
import { beginAtProvider, finishAtProvider, isBackFromProvider, placeBefore } from './provider.ts'
import styles from './sign-in.module.css'

type Ways = OutputOf<'access.show'>['ways']

/** Who comes in says who they are: by password, by passkey, or at the provider of the organisation. */
export function SignIn({ ways }: { ways: Ways }) {
  const { problem, isBusy, attempt } = useAttempt()
  useEffect(() => showPageTitle('Sign in'), [])
  const finished = useRef(false)
  useEffect(() => {
    if (!isBackFromProvider() || finished.current) return
    finished.current = true
    void attempt(finishAtProvider, placeBefore())
  }, [attempt])
  return (
    <main className={styles.page}>
      <img src="/icon.svg" alt="" width="40" height="40" />
      <h1>Sign in to Muster</h1>
      {problem !== null && <ProblemBox problem={problem} />}
      <PasswordForm
        isBusy={isBusy}
        onTry={(name, password) => attempt((link) => link.call('access.signIn', { name, password, client: clientName() }))}
      />
      {(ways.passkey || ways.oidc !== null) && <div className={styles.or}>or</div>}
      {ways.passkey && <PasskeyWay isBusy={isBusy} onTry={() => attempt(signInWithPasskey)} />}
      {ways.oidc !== null && <ProviderWay title={ways.oidc.title} isBusy={isBusy} onTry={() => attempt(beginAtProvider)} />}
    </main>
  )
}

function PasswordForm({ isBusy, onTry }: { isBusy: boolean; onTry(name: string, password: string): Promise<void> }) {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void onTry(name, password)
        setPassword('')
      }}
    >
      <Stack gap="xs">
        <TextInput
          label="Name"
          value={name}
          maxLength={64}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          value={password}
          maxLength={256}
          autoComplete="current-password"
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" variant="filled" loading={isBusy} disabled={name.trim() === '' || password === ''}>
          Sign in
        </Button>
      </Stack>
    </form>
  )
}

function PasskeyWay({ isBusy, onTry }: { isBusy: boolean; onTry(): Promise<void> }) {
  const place = passkeyPlace()
  if (place === 'here') {
    return (
      <Button loading={isBusy} onClick={() => void onTry()}>
        Sign in with a passkey
      </Button>
    )
  }
  if (place === 'nowhere') return <p className="dim">Passkeys are for the page in a browser.</p>
  return (
    <p className="dim">
      Passkeys work at <a href={place}>{new URL(place).host}</a>.
    </p>
  )
}

function ProviderWay({ title, isBusy, onTry }: { title: string; isBusy: boolean; onTry(): Promise<void> }) {
  if (hostBridge() !== null) return <p className="dim">Signing in with {title} is for the page in a browser.</p>
  return (
    <Button loading={isBusy} onClick={() => void onTry()}>
      Sign in with&nbsp;<span className="foreign">{title}</span>
    </Button>
  )
}

type Session = { session: string }

/** One try at a time. What it ends with is kept, and the page begins anew as that person; null: the browser goes elsewhere. */
function useAttempt() {
  const link = useLink()
  const [problem, setProblem] = useState<Problem | null>(null)
  const [isBusy, setBusy] = useState(false)
  const [attempt] = useState(() => async (work: (link: Link) => Promise<Session | null>, then = currentPlace()): Promise<void> => {
    setBusy(true)
    setProblem(null)
    try {
      const done = await work(link)
      if (done === null) return
      keepKey(done.session)
      if (then === currentPlace()) location.reload()
      else location.replace(then)
    } catch (error) {
      setBusy(false)
      setProblem(error instanceof Problem ? error : new Problem('access.passkey-refused', messageOf(error)))
    }
  })
  return { problem, isBusy, attempt }
}

async function signInWithPasskey(link: Link): Promise<Session> {
  const { challenge, options } = await link.call('access.passkeyChallenge', {})
  const response = await answerWithPasskey(options)
  return link.call('access.signInWithPasskey', { challenge, response, client: clientName() })
}

function currentPlace(): string {
  return location.pathname + location.search
}

/** What the list of sessions calls this browser. */
function clientName(): string {
  return hostBridge() === null ? 'browser' : 'desktop'
}
