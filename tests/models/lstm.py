"""A language model with recurrent layers: packed sequences, a state carried over, tied or free decoder."""

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class RNNModel(nn.Module):
    def __init__(self, ntoken=19, ninp=8, nhid=12, nlayers=2):
        super().__init__()
        self.drop = nn.Dropout(0.0)
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = nn.LSTM(ninp, nhid, nlayers, dropout=0.0, batch_first=True)
        self.tagger = nn.GRU(nhid, 5, bidirectional=True, batch_first=True)
        self.decoder = nn.Linear(nhid + 10, ntoken)
        self.nhid, self.nlayers = nhid, nlayers
        self.init_weights()

    def init_weights(self):
        initrange = 0.5
        nn.init.uniform_(self.encoder.weight, -initrange, initrange)
        nn.init.zeros_(self.decoder.bias)
        nn.init.uniform_(self.decoder.weight, -initrange, initrange)
        for name, p in self.rnn.named_parameters():
            if "weight_hh" in name:
                nn.init.orthogonal_(p.data)
            elif "bias_ih" in name:
                p.data.zero_()
                p.data[self.nhid : 2 * self.nhid] = 1.0

    def init_hidden(self, bsz):
        weight = next(self.parameters())
        return (
            weight.new_zeros(self.nlayers, bsz, self.nhid),
            weight.new_zeros(self.nlayers, bsz, self.nhid),
        )

    def forward(self, tokens, lengths, hidden):
        emb = self.drop(self.encoder(tokens))
        packed = pack_padded_sequence(emb, lengths.cpu(), batch_first=True, enforce_sorted=False)
        output, hidden = self.rnn(packed, hidden)
        tags, _ = self.tagger(output)
        output, _ = pad_packed_sequence(output, batch_first=True)
        tags, _ = pad_packed_sequence(tags, batch_first=True)
        decoded = self.decoder(torch.cat((output, tags), dim=-1))
        return torch.log_softmax(decoded, dim=-1), hidden


def repackage_hidden(h):
    """The state without its history."""
    if isinstance(h, torch.Tensor):
        return h.detach()
    return tuple(repackage_hidden(v) for v in h)


def build():
    return RNNModel()


def inputs(draw):
    tokens = draw.integers(1, 19, (3, 9))
    lengths = [6, 9, 4]
    for row, length in enumerate(lengths):
        tokens[row, length:] = 0
    return {"tokens": tokens, "lengths": tokens[:, :1].ravel() * 0 + lengths}


def loss(model, tokens, lengths):
    hidden = repackage_hidden(model.init_hidden(tokens.size(0)))
    scores, hidden = model(tokens[:, :-1], lengths.clamp(max=8), hidden)
    targets = tokens[:, 1:].reshape(-1)
    return nn.NLLLoss(ignore_index=0)(scores.reshape(-1, scores.size(-1)), targets), (scores, *hidden)


@torch.no_grad()
def extras(model, tokens, lengths):
    # One token at a time, the state carried along, and cells written out.
    hidden, word, words = model.init_hidden(1), tokens[:1, :1], []
    for _ in range(6):
        output, hidden = model.rnn(model.encoder(word), hidden)
        tags, _ = model.tagger(output)
        word = model.decoder(torch.cat((output, tags), -1)).squeeze(1).argmax(-1, keepdim=True)
        words.append(word)
    cell = nn.LSTMCell(8, 12)
    cell.load_state_dict({k: getattr(model.rnn, f"{k}_l0") for k in cell.state_dict()})
    return torch.cat(words, 1), hidden, cell.to(hidden[0])(model.encoder(tokens[:, 0]))
