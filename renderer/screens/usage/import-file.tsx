/** Choosing the file: dropped, picked, sent before, or by its path on the machine of the books. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { ImportFile } from '../../lib/import-job.ts';
import { isOwnWindow, orpc } from '../../lib/rpc.ts';
import { sendFile } from '../../lib/upload.ts';
import type { Sending, Upload } from '../../lib/upload.ts';
import { Button, TextField } from '../../ui/controls.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Time } from '../../ui/marks.tsx';
import { ErrorBox, Job } from '../../ui/states.tsx';
import { Form } from '../../ui/surface.tsx';
import { bytesText } from './bytes.ts';
import css from './usage.module.css';

type Choose = (file: ImportFile) => void;

/** A window of our own has no door for files, and sits on a machine with paths: it is asked by path alone. */
export function FileChooser({ onChoose }: { onChoose: Choose }) {
  return (
    <>
      {!isOwnWindow && <Drop onChoose={onChoose} />}
      {!isOwnWindow && <Earlier onChoose={onChoose} />}
      <ByPath onChoose={onChoose} />
    </>
  );
}

/** Sends a file and says how far it is. */
function useSending(onChoose: Choose) {
  const sending = useRef<Sending>(undefined);
  const [sentBytes, setSentBytes] = useState(0);
  const queries = useQueryClient();
  const send = useMutation({
    mutationFn: (file: File) => {
      setSentBytes(0);
      sending.current = sendFile(file, setSentBytes);
      return sending.current.sent;
    },
    onSuccess: (upload: Upload) => {
      void queries.invalidateQueries({ queryKey: orpc.imports.key() });
      onChoose({ upload: upload.id, name: upload.name });
    },
  });
  const wasEnded = send.error instanceof DOMException && send.error.name === 'AbortError';
  return { send, sentBytes, error: wasEnded ? null : send.error, cancel: () => sending.current?.cancel() };
}

function Drop({ onChoose }: { onChoose: Choose }) {
  const picker = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const { send, sentBytes, error, cancel } = useSending(onChoose);
  const take = (file: File | undefined): void => {
    if (file !== undefined && !send.isPending) send.mutate(file);
  };
  if (send.isPending) {
    const { name, size } = send.variables;
    return (
      <Job
        label={`Sending ${name}`}
        perMille={size === 0 ? 0 : Math.floor((1000 * sentBytes) / size)}
        detail={`${bytesText(sentBytes)} of ${bytesText(size)}`}
        onCancel={cancel}
      />
    );
  }
  return (
    <>
      <div
        className={css['drop']}
        data-over={isOver ? '' : undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          take(event.dataTransfer.files[0]);
        }}
      >
        <Icon name="upload" size={20} />
        <span>Drop a file here, or</span>
        <Button kind="primary" onClick={() => picker.current?.click()}>
          Choose a file
        </Button>
        <span className={css['brings']}>Up to 4 GiB, also packed with gzip. It is sent to this console alone.</span>
        <input
          ref={picker}
          type="file"
          hidden
          aria-label="File to import"
          accept=".csv,.tsv,.txt,.ndjson,.jsonl,.json,.parquet,.gz"
          onChange={(event) => {
            take(event.target.files?.[0]);
            event.target.value = '';
          }}
        />
      </div>
      {error && <ErrorBox error={error} money="Nothing was imported: the file did not arrive whole." />}
    </>
  );
}

function Earlier({ onChoose }: { onChoose: Choose }) {
  const queries = useQueryClient();
  const query = useQuery(orpc.imports.uploads.queryOptions({ input: {} }));
  const { mutate: discard } = useMutation(
    orpc.imports.discard.mutationOptions({
      onSettled: () => queries.invalidateQueries({ queryKey: orpc.imports.key() }),
    }),
  );
  const items = query.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <section aria-label="Sent before" className={css['earlier']}>
      <h3>Sent before</h3>
      <ul>
        {items.toReversed().map(({ id, name, bytes, receivedMs }) => (
          <li key={id}>
            <b>{name}</b>
            <span className={css['brings']}>
              {bytesText(bytes)}, <Time ms={receivedMs} />
            </span>
            <Button size="small" onClick={() => onChoose({ upload: id, name })} aria-label={`Take ${name}`}>
              Take this one
            </Button>
            <Button size="small" onClick={() => discard({ upload: id })} aria-label={`Discard ${name}`}>
              Discard
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function ByPath({ onChoose }: { onChoose: Choose }) {
  const [path, setPath] = useState('');
  const typed = path.trim();
  const take = (): void => {
    if (typed !== '') onChoose({ path: typed, name: typed.split(/[\\/]/).at(-1) ?? typed });
  };
  return (
    <Form onSubmit={take}>
      <div className={css['path']}>
        <TextField
          label={isOwnWindow ? 'Path of the file' : 'Or its path on the machine of the books'}
          value={path}
          onChange={setPath}
          maxLength={4096}
          autoComplete="off"
          spellCheck={false}
        />
        <Button submit disabled={typed === ''}>
          Take it
        </Button>
      </div>
    </Form>
  );
}
