/** One file on its way to the server. By XMLHttpRequest: only that tells how much has been sent. */

import { ApiError, OfflineError } from '../api/client';
import { uploadUrl, type Uploaded } from '../api/uploads';

export interface Sending {
  file: File;
  name: string;
  batch: string;
  sha1: string | null;
  onprogress(sent: number): void;
  signal: AbortSignal;
}

export function send({ file, name, batch, sha1, onprogress, signal }: Sending): Promise<Uploaded> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const values: Record<string, string | number> = { name, batch };
    if (file.lastModified > 0) values['mtime'] = file.lastModified;
    if (sha1 !== null) values['sha1'] = sha1;
    request.open('POST', uploadUrl(values));
    request.responseType = 'text';
    request.upload.onprogress = ({ loaded }) => onprogress(loaded);
    request.onload = () => {
      const body = parse(request.responseText);
      if (request.status === 200 || request.status === 201) resolve(body as unknown as Uploaded);
      else reject(problem(request.status, body));
    };
    request.onerror = () => reject(new OfflineError('The server cannot be reached.'));
    request.onabort = () => reject(new DOMException('', 'AbortError'));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    if (signal.aborted) return request.onabort!(new ProgressEvent('abort'));
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.send(file);
  });
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {}; // A proxy's own page of an error: the status alone has to do.
  }
}

function problem(status: number, body: Record<string, unknown>): ApiError {
  const text = (key: string) => (typeof body[key] === 'string' ? body[key] : null);
  const detail = text('reason') ?? text('detail');
  return new ApiError(
    status,
    text('type') ?? 'unknown',
    text('title') ?? `${status}`,
    detail,
    body,
  );
}
