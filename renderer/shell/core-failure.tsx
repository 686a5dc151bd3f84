import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { callHost } from '../../shared/host/bridge.ts'
import { windowMessage, type WindowMessage } from '../../shared/host/window-messages.ts'
import { hostBridge } from '../transport/choose-link.ts'
import styles from './shell.module.css'

type CoreProblem = NonNullable<Extract<WindowMessage, { muster: 'core' }>['problem']>

/** In the desktop: the core gave up (a directory or port in use, a damaged store). Says why, and starts it again when asked. */
export function CoreFailure() {
  const [problem, setProblem] = useState<CoreProblem | null>(null)
  const bridge = hostBridge()
  useEffect(() => {
    const take = (event: MessageEvent): void => {
      const message = windowMessage.safeParse(event.data)
      if (event.source !== window || !message.success || message.data.muster !== 'core') return
      setProblem(
        message.data.state === 'failed' ? (message.data.problem ?? { code: 'internal', message: 'The core did not start.' }) : null,
      )
    }
    window.addEventListener('message', take)
    return () => window.removeEventListener('message', take)
  }, [])
  if (problem === null || bridge === null) return null
  return (
    <div className={styles.banner} role="alert">
      <span>
        <strong className="foreign">{problem.message}</strong> {problem.hint} <span className="mono dim">{problem.code}</span>
      </span>
      <Button onClick={() => void callHost(bridge, 'host.restartCore', {})}>Try again</Button>
    </div>
  )
}
