// An identity provider on loopback: node provider.mjs PORT NODE_MODULES, its accounts and clients as JSON on stdin.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [port, modules] = process.argv.slice(2);
const { accounts, clients, accessSeconds } = JSON.parse(readFileSync(0, "utf8"));
const found = createRequire(`${modules}/none.js`).resolve("oidc-provider");
const { default: Provider } = await import(pathToFileURL(found));
const issuer = `http://127.0.0.1:${port}`;
const offices = login => accounts[login] ?? {};

const provider = new Provider(issuer, {
  clients,
  cookies: { keys: ["only for tests"] },
  pkce: { required: () => true },
  findAccount: (_, login) => login in accounts ? { accountId: login, claims: () => ({ sub: login }) } : undefined,
  issueRefreshToken: () => true,
  rotateRefreshToken: true,
  ttl: { AccessToken: accessSeconds, ClientCredentials: 3600, Session: 3600, Grant: 3600, Interaction: 600, IdToken: 600 },
  extraTokenClaims: (_, token) => offices(token.accountId ?? token.clientId),
  renderError: (context, out) => { context.body = JSON.stringify(out); },
  features: {
    clientCredentials: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => "urn:ksad",
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: "openid", audience: "ksad", accessTokenFormat: "jwt",  jwt: { sign: { alg: "RS256" } },
      }),
    },
  },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
