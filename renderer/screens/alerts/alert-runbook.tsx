import { Markdown } from '../../components/markdown.tsx'
import { isSafeAddress } from '../../components/markdown-blocks.ts'
import { Section } from '../../components/screen.tsx'
import type { OutputOf } from '../../../shared/rpc/contract.ts'

/** What to do: the page of the rule's runbook, or the link to it. */
export function AlertRunbook({ shown }: { shown: OutputOf<'alerts.show'> }) {
  const { runbook } = shown
  if (runbook === null) return null
  const { title, markdown, url } = runbook
  return (
    <Section
      title={`What to do: ${title}`}
      actions={
        url !== null &&
        isSafeAddress(url) && (
          <a href={url} target="_blank" rel="noreferrer noopener">
            Open the page
          </a>
        )
      }
    >
      {markdown === '' ? <p className="foreign">{url}</p> : <Markdown text={markdown} />}
    </Section>
  )
}
