import { Group, NativeSelect, Stack, Textarea } from '@mantine/core'
import { useState } from 'react'
import { EmptyState, ProblemBox } from '../../components/answered.tsx'
import { CopyAsCommand, shellWord } from '../../components/copy.tsx'
import { Section } from '../../components/screen.tsx'
import { useCommand } from '../../data/use-command.ts'
import { Problem, reportOf, type ProblemReport } from '../../../shared/domain/problem.ts'
import { answerLines, inferenceAnswer } from '../../../shared/inference/answer.ts'
import { readRequestText } from '../../../shared/inference/request-rows.ts'
import type { InputOf, OutputOf } from '../../../shared/rpc/contract.ts'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './devices.module.css'

type Asked = InputOf<'devices.predict'>

/** Asks a model on this device, over the broker: is it there, what does it say to this row, how long does it take. */
export function AskDevice({ device }: { device: OutputOf<'devices.show'> }) {
  const serving = device.slots.filter((slot) => slot.active !== null).map((slot) => slot.deployment)
  const isOnline = device.status === 'online'
  return (
    <Section title="Ask this device">
      {serving.length === 0 || !isOnline ? (
        <EmptyState title={isOnline ? 'It serves no model yet' : 'It is not connected'}>
          {isOnline ? 'Deploy a model here, then ask it.' : 'It answers again when it is back; its local API works meanwhile.'}
        </EmptyState>
      ) : (
        <AskForm device={device.device} deployments={serving} />
      )}
    </Section>
  )
}

function AskForm({ device, deployments }: { device: string; deployments: string[] }) {
  const [chosen, setChosen] = useState(deployments[0]!)
  const [text, setText] = useState('')
  const [unread, setUnread] = useState<ProblemReport | null>(null)
  const [answer, setAnswer] = useState<OutputOf<'devices.predict'> | null>(null)
  const ask = useCommand('devices.predict', { isShownInPlace: true })
  const deployment = deployments.includes(chosen) ? chosen : deployments[0]!
  const problem = unread ?? ask.problem
  const submit = async (): Promise<void> => {
    setUnread(null)
    setAnswer(null)
    try {
      setAnswer(await ask.run(askedOf({ device, deployment, text })))
    } catch (error) {
      // What the core refuses is in `ask.problem`; this is what could not even be asked.
      if (error instanceof Problem && error.code === 'data.invalid') setUnread(reportOf(error))
    }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <Stack gap="xs">
        {deployments.length > 1 && (
          <NativeSelect
            aria-label="Deployment"
            data={deployments}
            value={deployment}
            onChange={(event) => setChosen(event.currentTarget.value)}
          />
        )}
        <Textarea
          aria-label="Row or request"
          placeholder="A row like 5.1,3.5,1.4,0.2, or a JSON request"
          autosize
          minRows={2}
          maxRows={10}
          classNames={{ input: 'mono' }}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
            event.preventDefault()
            void submit()
          }}
        />
        <Group gap="xs" justify="flex-end">
          <CopyAsCommand command={predictLine(device, deployment, text.trim())} isIcon />
          <MayButton method="devices.predict" type="submit" variant="filled" disabled={text.trim() === ''} loading={ask.isRunning}>
            Ask
          </MayButton>
        </Group>
        {problem !== null && <ProblemBox problem={problem} />}
        {answer !== null && <Answer answer={answer} />}
      </Stack>
    </form>
  )
}

function Answer({ answer }: { answer: OutputOf<'devices.predict'> }) {
  const read = inferenceAnswer.safeParse(answer.response)
  const lines = read.success ? answerLines(read.data) : [JSON.stringify(answer.response)]
  return (
    <div role="status">
      <pre className={`${styles.note} mono foreign`}>{lines.join('\n')}</pre>
      <span className="dim">Answered in {Math.round(answer.roundTripMs)} ms, over the broker.</span>
    </div>
  )
}

/** What is asked for a text. @throws Problem `data.invalid` */
export function askedOf({ device, deployment, text }: { device: string; deployment: string; text: string }): Asked {
  const input = readRequestText(text, 'the row')
  if (input.kind === 'request') return { device, deployment, request: input.request }
  return { device, deployment, rows: input.rows as NonNullable<Asked['rows']> }
}

/** The question as a line of the command line. */
export function predictLine(device: string, deployment: string, text: string): string {
  return `npm run -s muster -- devices predict ${shellWord(device)} --model ${shellWord(deployment)} --input ${shellWord(text)}`
}
