import { IconUpload } from '@tabler/icons-react'
import { Button } from '@mantine/core'
import { useCallback } from 'react'
import { Link as RouteLink } from 'wouter'
import { Answered, EmptyState } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { plural } from '../../components/format.ts'
import { Screen } from '../../components/screen.tsx'
import { paths } from '../../data/paths.ts'
import { useGo } from '../../data/url-state.ts'
import { useQuery } from '../../data/use-query.ts'
import { cliLines } from './cli-lines.ts'
import { handOverFiles, pageOfFiles } from './import/handed-files.ts'
import { DropAnywhere } from './registry/drop-anywhere.tsx'
import { NoModels } from './registry/no-models.tsx'
import { VersionList } from './registry/version-list.tsx'
import { MayButton } from '../../shell/may-button.tsx'

/** The registry: every model with its versions. @param model only this one, with its aliases beside it */
export function Models({ model }: { model?: string }) {
  const answer = useQuery('models.list', model === undefined ? {} : { model })
  const go = useGo()
  const takeFiles = useCallback(
    (files: File[]) => {
      handOverFiles(files)
      go(pageOfFiles(files))
    },
    [go],
  )
  const versions = answer.data?.versions ?? []
  const models = new Set(versions.map((one) => one.model)).size
  return (
    <Screen
      title={model ?? 'Models'}
      beside={
        versions.length > 0 && (
          <>
            {model !== undefined && <RouteLink href={paths.models}>All models</RouteLink>}
            <span>
              {model === undefined ? `${plural(models, 'model')}, ` : ''}
              {plural(versions.length, 'version')}
            </span>
          </>
        )
      }
      actions={
        <>
          <CopyAsCommand command={cliLines.list(model)} isIcon />
          <Button component={RouteLink} href={paths.modelSources}>
            Sources
          </Button>
          <MayButton method="models.import" href={paths.importModel} variant="filled" leftSection={<IconUpload size={14} />}>
            Import a model
          </MayButton>
        </>
      }
      isFlush
    >
      <DropAnywhere label="Drop to import" onFiles={takeFiles} />
      <Answered answer={answer}>
        {(data) =>
          data.versions.length > 0 ? (
            <VersionList key={model} versions={data.versions} model={model ?? null} />
          ) : model === undefined ? (
            <NoModels />
          ) : (
            <EmptyState title={`No model is called ${model}`} actions={<RouteLink href={paths.models}>Show all models</RouteLink>}>
              The link may be of another fleet.
            </EmptyState>
          )
        }
      </Answered>
    </Screen>
  )
}
