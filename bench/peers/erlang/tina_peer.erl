%% SPDX-License-Identifier: Apache-2.0
%%
%% The Erlang peer of the messaging benchmarks: ping_pong, fan_in, ring, ring_one. Each prints one
%% JSON line with the nanoseconds per delivered message, the median over rounds in one node; only
%% messages whose sequence number is right count. Run it on one scheduler, pinned:
%%   erlc -o DIR tina_peer.erl
%%   taskset -c 0 erl -noshell +S 1:1 +sbt db -pa DIR -s tina_peer main ping_pong
%% A second argument sets the number of messages per round.

-module(tina_peer).
-export([main/1]).

-define(ROUNDS, 5).
-define(SENDERS, 1000).
-define(ISOLATES, 10000).

%% In a process of its own: the one that `-s` starts is many times slower at receiving.
main(Arguments) ->
    spawn(fun() -> measure(Arguments) end).

measure([Name | Rest]) ->
    Messages = case Rest of
        [Count] -> list_to_integer(atom_to_list(Count));
        [] -> default_messages(Name)
    end,
    _ = run(Name, max(Messages div 5, 20000)),
    Times = lists:sort([run(Name, Messages) || _ <- lists:seq(1, ?ROUNDS)]),
    io:format("{\"benchmark\":\"~s\",\"ns_per_message\":~.2f,\"min\":~.2f,\"messages\":~b,"
              "\"otp\":\"~s\"}~n",
              [Name, lists:nth(?ROUNDS div 2 + 1, Times), hd(Times), Messages,
               erlang:system_info(otp_release)]),
    halt(0).

default_messages(ping_pong) -> 1000000;
default_messages(fan_in) -> 1000000;
default_messages(ring) -> 3000000;
default_messages(ring_one) -> 1000000.

run(ping_pong, Messages) -> ping_pong(Messages);
run(fan_in, Messages) -> fan_in(Messages);
run(ring, Messages) -> ring(lists:seq(1, ?ISOLATES), ?ISOLATES, Messages);
run(ring_one, Messages) -> ring(shuffled(lists:seq(1, ?ISOLATES)), 1, Messages).

%% Two processes pass one number to and fro.
ping_pong(Messages) ->
    Parent = self(),
    Pong = spawn_link(fun() -> pong(0) end),
    spawn_link(fun() ->
        Start = erlang:monotonic_time(nanosecond),
        ok = ping(Pong, 0, Messages),
        Parent ! {took, erlang:monotonic_time(nanosecond) - Start}
    end),
    Took = receive {took, Ns} -> Ns end,
    Pong ! stop,
    Took / Messages.

ping(_Pong, Sent, Messages) when Sent >= Messages -> ok;
ping(Pong, Sent, Messages) ->
    Pong ! {self(), Sent},
    Next = Sent + 1,
    receive Next -> ping(Pong, Sent + 2, Messages) end.

pong(Expected) ->
    receive
        {From, Expected} -> From ! Expected + 1, pong(Expected + 2);
        stop -> ok
    end.

%% A thousand senders, one receiver. Every sender sends one message per go, so that the receiver's
%% mailbox stays bounded by the number of senders.
fan_in(Messages) ->
    Parent = self(),
    Senders = [spawn_link(fun() -> sender(Parent, Id, 0) end) || Id <- lists:seq(1, ?SENDERS)],
    Rounds = max(Messages div ?SENDERS, 1),
    Start = erlang:monotonic_time(nanosecond),
    ok = gather(Senders, 0, Rounds),
    Took = erlang:monotonic_time(nanosecond) - Start,
    [Sender ! stop || Sender <- Senders],
    Took / (Rounds * ?SENDERS).

sender(To, Id, Sequence) ->
    receive
        go -> To ! {Id, Sequence}, sender(To, Id, Sequence + 1);
        stop -> ok
    end.

gather(_Senders, Rounds, Rounds) -> ok;
gather(Senders, Round, Rounds) ->
    lists:foreach(fun(Sender) -> Sender ! go end, Senders),
    ok = collect(?SENDERS, Round),
    gather(Senders, Round + 1, Rounds).

collect(0, _Round) -> ok;
collect(Left, Round) ->
    receive {_Id, Round} -> collect(Left - 1, Round) end.

%% A ring of processes in the given order; each token is passed on until it has made its share of
%% the hops, and its last holder tells the parent.
ring(Order, Tokens, Messages) ->
    Parent = self(),
    Pids = maps:from_list([{Id, spawn_link(fun() -> member(Parent) end)} || Id <- Order]),
    lists:foreach(fun({Id, Next}) -> maps:get(Id, Pids) ! {next, maps:get(Next, Pids)} end,
                  lists:zip(Order, tl(Order) ++ [hd(Order)])),
    Hops = max(Messages div Tokens, 1),
    Starters = [maps:get(Id, Pids) || Id <- lists:sublist(Order, Tokens)],
    Start = erlang:monotonic_time(nanosecond),
    lists:foreach(fun(Pid) -> Pid ! Hops end, Starters),
    lists:foreach(fun(_) -> receive done -> ok end end, Starters),
    Took = erlang:monotonic_time(nanosecond) - Start,
    lists:foreach(fun(Pid) -> Pid ! stop end, maps:values(Pids)),
    Took / (Hops * Tokens).

member(Parent) ->
    receive {next, Next} -> pass(Parent, Next) end.

pass(Parent, Next) ->
    receive
        1 -> Parent ! done, pass(Parent, Next);
        Hops when is_integer(Hops) -> Next ! Hops - 1, pass(Parent, Next);
        stop -> ok
    end.

shuffled(List) ->
    _ = rand:seed(exsss, {1, 2, 3}),
    [Item || {_, Item} <- lists:sort([{rand:uniform(), Item} || Item <- List])].
