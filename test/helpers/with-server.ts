/** A server for the time of one test. */
import { createTestServer, type ServerOptions, type TestServer } from './server.ts';

/** Starts, uses, and always ends it. */
export async function withServer(
  options: ServerOptions,
  use: (server: TestServer) => Promise<void>,
): Promise<void> {
  const server = await createTestServer(options);
  try {
    await use(server);
  } finally {
    await server.dispose();
  }
}
