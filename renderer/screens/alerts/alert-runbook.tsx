import { Link as RouteLink } from 'wouter'
import { slugOf } from '../../components/heading-ids.ts'
import { Markdown } from '../../components/markdown.tsx'
import { isSafeAddress } from '../../components/markdown-blocks.ts'
import { Section } from '../../components/screen.tsx'
import { paths } from '../../data/paths.ts'
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
        url === null
          ? // What a person wrote as a runbook is its own title; the built-in ones are pages of help.
            !markdown.startsWith(title) && <RouteLink href={paths.help('runbooks', slugOf(title))}>Open in help</RouteLink>
          : isSafeAddress(url) && (
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
