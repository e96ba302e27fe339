// A small OpenAI-compatible front for one model file on this machine's
// processor: /v1/chat/completions, /v1/completions, /v1/models and /props, not
// streamed, one answer at a time. It is what scripts/smollm/serve starts.
import {createHash} from "node:crypto";
import {createReadStream, readFileSync} from "node:fs";
import {createServer} from "node:http";
import {createRequire} from "node:module";
import path from "node:path";
import {pathToFileURL} from "node:url";

const [, , packages, file, port = "8080", threads = "1"] = process.argv;
const library = createRequire(path.join(packages, "package.json")).resolve("node-llama-cpp");
const {getLlama, LlamaChatSession, LlamaCompletion, resolveChatWrapper} = await import(pathToFileURL(library));
const version = JSON.parse(readFileSync(path.join(packages, "node_modules/node-llama-cpp/package.json"))).version;

const digest = await new Promise((done, failed) => {
    const h = createHash("sha256");
    createReadStream(file).on("data", (d) => h.update(d)).on("end", () => done("sha256:" + h.digest("hex"))).on("error", failed);
});
const llama = await getLlama({gpu: false, build: "never", logLevel: "error", maxThreads: Number(threads)});
const model = await llama.loadModel({modelPath: file});
const context = await model.createContext({contextSize: model.trainContextSize, threads: Number(threads)});
const meta = model.fileInfo.metadata;
const name = path.basename(file, ".gguf");
const release = llama.llamaCppRelease;

// What is asked for, as the runtime takes it: no temperature is greedy.
function sampling(body) {
    const o = {maxTokens: body.max_tokens ?? body.max_completion_tokens ?? 1024, temperature: body.temperature ?? 0};
    if (body.top_p !== undefined) o.topP = body.top_p;
    if (body.seed !== undefined) o.seed = body.seed;
    const stop = [body.stop ?? []].flat();
    if (stop.length > 0) o.customStopTriggers = stop;
    return o;
}

function fail(status, code, message) {
    return Object.assign(new Error(message), {status, code});
}

function reason(stop) {
    return stop === "maxTokens" ? "length" : "stop";
}

async function answer(body, chat) {
    const sequence = context.getSequence();
    const before = sequence.tokenMeter.getState();
    let text, stop;
    try {
        if (chat) {
            const system = body.messages.filter((m) => m.role === "system").map((m) => m.content).join("\n\n");
            const rest = body.messages.filter((m) => m.role !== "system");
            if (rest.length !== 1 || rest[0].role !== "user") throw fail(400, "unsupported", "this server takes one message of the user");
            check(system + rest[0].content, body);
            const session = new LlamaChatSession({contextSequence: sequence, systemPrompt: system || undefined, chatWrapper: resolveChatWrapper(model)});
            const got = await session.promptWithMeta(rest[0].content, sampling(body));
            [text, stop] = [got.responseText, got.stopReason];
            session.dispose({disposeSequence: false});
        } else {
            check(body.prompt, body);
            const completion = new LlamaCompletion({contextSequence: sequence});
            const got = await completion.generateCompletionWithMeta(body.prompt, sampling(body));
            [text, stop] = [got.response, got.metadata.stopReason];
            completion.dispose({disposeSequence: false});
        }
        const used = sequence.tokenMeter.diff(before);
        return {text, finish: reason(stop), usage: {prompt_tokens: used.usedInputTokens, completion_tokens: used.usedOutputTokens, total_tokens: used.usedInputTokens + used.usedOutputTokens}};
    } finally {
        sequence.dispose();
    }
}

// A prompt that does not fit, with room for an answer, is said to be one: the
// runtime would cut it.
function check(text, body) {
    const n = model.tokenize(text).length + 64, room = Math.min(body.max_tokens ?? 256, 256);
    if (n + room > context.contextSize)
        throw fail(400, "context_length_exceeded", `the prompt has about ${n} tokens, the context length is ${context.contextSize}`);
}

let turn = Promise.resolve(); // one answer at a time: more would only be slower
createServer(async (request, response) => {
    const send = (status, value) => {
        response.writeHead(status, {"Content-Type": "application/json"});
        response.end(JSON.stringify(value));
    };
    const chunks = [];
    for await (const c of request) chunks.push(c);
    const url = new URL(request.url, "http://localhost").pathname;
    if (request.method === "GET" && url === "/props")
        return send(200, {runtime: "node-llama-cpp", build_info: `${version} (llama.cpp ${release.release})`, model_path: path.basename(file), model_digest: digest,
            quantization: /Q\d\w*/.exec(name)?.[0] ?? "", chat_template: meta.tokenizer?.chat_template ?? "", n_ctx: context.contextSize});
    if (request.method === "GET") return send(200, {object: "list", data: [{id: name, object: "model", owned_by: "local"}]});
    const chat = url.endsWith("/chat/completions");
    if (!chat && !url.endsWith("/completions")) return send(404, {error: {code: "not_found", message: "no such address"}});
    const mine = turn.then(async () => {
        const got = await answer(JSON.parse(Buffer.concat(chunks)), chat);
        const choice = chat ? {index: 0, message: {role: "assistant", content: got.text}, finish_reason: got.finish} : {index: 0, text: got.text, logprobs: null, finish_reason: got.finish};
        send(200, {id: "local", object: chat ? "chat.completion" : "text_completion", created: 0, model: name, choices: [choice], usage: got.usage});
    }).catch((e) => send(e.status ?? 500, {error: {code: e.code ?? "failed", message: String(e.message)}}));
    turn = mine;
    await mine;
}).listen(Number(port), "127.0.0.1", () => console.error(`${name} listens at http://127.0.0.1:${port}/v1`));
