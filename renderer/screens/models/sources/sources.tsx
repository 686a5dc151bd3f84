import { Menu } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { Answered, EmptyState } from '../../../components/answered.tsx'
import { CopyAsCommand } from '../../../components/copy.tsx'
import { Screen, Section } from '../../../components/screen.tsx'
import { paths } from '../../../data/paths.ts'
import { useQuery } from '../../../data/use-query.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { Browse } from './browse.tsx'
import { OfferSection } from './offer-table.tsx'
import { draftOfSource, freshSource, sourceWords, type SourceDraft } from './source-draft.ts'
import { SourceEditor } from './source-editor.tsx'
import { SourceTable } from './source-table.tsx'
import styles from './sources.module.css'

const kinds = ['mlflow', 'folder'] as const

/** Places that models come from, and what was found there. */
export function Sources() {
  const answer = useQuery('sources.list', {})
  const [draft, setDraft] = useState<SourceDraft | null>(null)
  const [browsed, browse] = useState<string | null>(null)
  return (
    <Screen
      title="Sources of models"
      beside={<RouteLink href={paths.models}>All models</RouteLink>}
      actions={
        <>
          <CopyAsCommand command="npm run -s muster -- sources list" isIcon />
          <Menu position="bottom-end">
            <Menu.Target>
              <MayButton method="sources.add" variant="filled" leftSection={<IconPlus size={14} />}>
                New source
              </MayButton>
            </Menu.Target>
            <Menu.Dropdown>
              {kinds.map((kind) => (
                <Menu.Item key={kind} onClick={() => setDraft(freshSource(kind))}>
                  {sourceWords[kind].title}
                  <div className={styles.under}>{sourceWords[kind].summary}</div>
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        </>
      }
    >
      <div className={styles.page}>
        <Section title="Places">
          <Answered answer={answer}>
            {({ sources }) =>
              sources.length === 0 ? (
                <EmptyState title="Models come from files only">
                  Add an MLflow tracking server or a folder. What comes in from there is a draft; nothing is released by itself.
                </EmptyState>
              ) : (
                <SourceTable sources={sources} onEdit={(one) => setDraft(draftOfSource(one))} onBrowse={browse} />
              )
            }
          </Answered>
        </Section>
        <OfferSection />
      </div>
      {draft !== null && <SourceEditor key={`${draft.source} ${draft.kind}`} draft={draft} onClose={() => setDraft(null)} />}
      {browsed !== null && <Browse source={browsed} onClose={() => browse(null)} />}
    </Screen>
  )
}
