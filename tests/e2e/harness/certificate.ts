import { rename } from "node:fs/promises";

import { Program } from "./program";
import { temporaryFile } from "./temporary";

const openssl = (...args: string[]) => new Program("openssl", args).done();

/// A certificate in a file, and its key in another.
export interface Certificate {
  certificate: string;
  key: string;
}

/// An authority that vouches for certificates, for one run of the tests.
export class Authority {
  readonly certificate = temporaryFile("ca.crt");
  readonly #key = temporaryFile("ca.key");

  static async make(): Promise<Authority> {
    const made = new Authority();
    await openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=Test Authority",
      "-keyout", made.#key, "-out", made.certificate);
    return made;
  }

  /// A certificate for 127.0.0.1 and `names`; its time has been over for a day where `expired` is set.
  async issue(names: readonly string[] = [], expired = false): Promise<Certificate> {
    const made = { certificate: temporaryFile("server.crt"), key: temporaryFile("server.key") };
    const request = temporaryFile("server.csr");
    const alternatives = ["IP:127.0.0.1", ...names.map((name) => `DNS:${name}`)].join(",");
    await openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", `/CN=${names[0] ?? "127.0.0.1"}`,
      "-addext", `subjectAltName=${alternatives}`, "-keyout", made.key, "-out", request);
    await openssl("x509", "-req", "-in", request, "-CA", this.certificate, "-CAkey", this.#key, "-CAcreateserial",
      "-copy_extensions", "copy", "-days", expired ? "-1" : "1", "-out", made.certificate);
    return made;
  }
}

/// Puts the files of `fresh` in the places of those of `old`, one after the other, as programs that renew do.
export async function replaceFiles(old: Certificate, fresh: Certificate): Promise<void> {
  await rename(fresh.certificate, old.certificate);
  await rename(fresh.key, old.key);
}
