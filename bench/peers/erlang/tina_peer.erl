%% SPDX-License-Identifier: Apache-2.0
%%
%% The Erlang peer of the message benchmarks; the rows are the clauses of run/2. Each prints one JSON
%% line with the nanoseconds per operation, the median over rounds in one node; only messages whose
%% sequence number is right count. Run it on one scheduler, pinned, the cross rows on two:
%%   erlc -o DIR tina_peer.erl
%%   taskset -c 0 erl -noshell +S 1:1 +sbt db -pa DIR -s tina_peer main ping_pong
%% A second argument sets the number of operations per round.
%%
%% What is compared with what: a call is gen_server:call with its limit and its monitor, as ours has
%% both; in the cross rows each process is held to a scheduler of its own; a life is spawn_link with
%% the parent trapping the exit, the least that supervision can be built on; a crash is that of a
%% child of OTP's supervisor, which logs to nobody (its reports would be most of the time). The
%% supervisor goes through its history of the period at each restart, so the rounds are kept short.

-module(tina_peer).
-behaviour(gen_server).
-export([main/1]).
-export([init/1, handle_call/3, handle_cast/2, start_crasher/1]).

-define(ROUNDS, 5).
-define(SENDERS, 1000).
-define(BURST, 16).
-define(ISOLATES, 10000).
-define(MILLION, 1000000).
-define(PAIRS, 1000).
-define(WINDOW, 8).
-define(CREDIT, 512).
-define(LIVES_AT_ONCE, 64).
-define(CRASHERS, 256).

%% In a process of its own: the one that `-s` starts is many times slower at receiving.
main(Arguments) ->
    spawn(fun() -> measure(Arguments) end).

measure([Name | Rest]) ->
    Messages = case Rest of
        [Count] -> list_to_integer(atom_to_list(Count));
        [] -> default_messages(Name)
    end,
    logger:set_primary_config(level, none),
    Rounds = rounds(Name),
    _ = [run(Name, max(Messages div 5, 20000)) || Rounds > 1],
    Times = lists:sort([run(Name, Messages) || _ <- lists:seq(1, Rounds)]),
    io:format("{\"benchmark\":\"~s\",\"ns_per_operation\":~.2f,\"min\":~.2f,\"messages\":~b,"
              "\"otp\":\"~s\"}~n",
              [Name, lists:nth(Rounds div 2 + 1, Times), hd(Times), Messages,
               erlang:system_info(otp_release)]),
    halt(0).

default_messages(ring) -> 3000000;
default_messages(_) -> 1000000.

%% A million processes are made anew for each round: one round is long enough.
rounds(ring_million) -> 1;
rounds(ring_million_shuffled) -> 1;
rounds(_) -> ?ROUNDS.

run(ping_pong, Messages) -> ping_pong(Messages);
run(fan_in, Messages) -> fan_in(Messages);
run(ring, Messages) -> ring(lists:seq(1, ?ISOLATES), ?ISOLATES, Messages);
run(ring_one, Messages) -> ring(shuffled(lists:seq(1, ?ISOLATES)), 1, Messages);
run(ring_million, _) -> ring(lists:seq(1, ?MILLION), ?MILLION, 3 * ?MILLION);
run(ring_million_shuffled, _) -> ring(shuffled(lists:seq(1, ?MILLION)), ?MILLION, 3 * ?MILLION);
run(call_one, Messages) -> calls(1, Messages div 2);
run(call, Messages) -> calls(?PAIRS, Messages div 2);
run(cross_trip, Messages) -> cross_trip(Messages div 5);
run(cross_stream, Messages) -> cross_stream(Messages);
run(spawn, Messages) -> lives(Messages div ?LIVES_AT_ONCE div 2);
run(crash, _) -> crashes(1024).

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

%% A thousand senders, one receiver. For each go a sender sends a burst; the first of a burst is
%% answered with the next go, so that the receiver's mailbox stays bounded.
fan_in(Messages) ->
    Parent = self(),
    Senders = [spawn_link(fun() -> sender(Parent, Id, 0) end) || Id <- lists:seq(1, ?SENDERS)],
    Expected = counters:new(?SENDERS, []),
    Start = erlang:monotonic_time(nanosecond),
    lists:foreach(fun(Sender) -> Sender ! go end, Senders),
    ok = gather(list_to_tuple(Senders), Expected, Messages),
    Took = erlang:monotonic_time(nanosecond) - Start,
    [Sender ! stop || Sender <- Senders],
    forget(),
    Took / Messages.

sender(To, Id, Sequence) ->
    receive
        go -> sender(To, Id, burst(To, Id, Sequence, ?BURST));
        stop -> ok
    end.

burst(_To, _Id, Sequence, 0) -> Sequence;
burst(To, Id, Sequence, Left) ->
    To ! {Id, Sequence, Left =:= ?BURST},
    burst(To, Id, Sequence + 1, Left - 1).

gather(_Senders, _Expected, 0) -> ok;
gather(Senders, Expected, Left) ->
    receive
        {Id, Sequence, First} ->
            Sequence = counters:get(Expected, Id),
            counters:add(Expected, Id, 1),
            case First of
                true -> element(Id, Senders) ! go;
                false -> ok
            end,
            gather(Senders, Expected, Left - 1)
    end.

%% What is still on its way belongs to no round.
forget() ->
    receive _ -> forget() after 50 -> ok end.

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

%% Clients that call servers, each its own.
calls(Pairs, Messages) ->
    Parent = self(),
    Each = max(Messages div Pairs, 1),
    Clients = [spawn_link(fun() ->
        {ok, Server} = gen_server:start_link(?MODULE, counter, []),
        Parent ! ready,
        receive go -> call_all(Server, 0, Each) end,
        Parent ! done,
        gen_server:stop(Server)
    end) || _ <- lists:seq(1, Pairs)],
    lists:foreach(fun(_) -> receive ready -> ok end end, Clients),
    Start = erlang:monotonic_time(nanosecond),
    lists:foreach(fun(Client) -> Client ! go end, Clients),
    lists:foreach(fun(_) -> receive done -> ok end end, Clients),
    Took = erlang:monotonic_time(nanosecond) - Start,
    Took / (Each * Pairs).

call_all(_Server, Last, Last) -> ok;
call_all(Server, Number, Last) ->
    Next = Number + 1,
    Next = gen_server:call(Server, {take, Number}, 10000),
    call_all(Server, Next, Last).

handle_call({take, Number}, _From, Number) -> {reply, Number + 1, Number + 1}.
handle_cast(_, State) -> {noreply, State}.

%% One number between two schedulers.
cross_trip(Trips) ->
    Parent = self(),
    Right = spawn_opt(fun() -> pong(0) end, [link, {scheduler, 2}]),
    spawn_opt(fun() ->
        Start = erlang:monotonic_time(nanosecond),
        ok = ping(Right, 0, 2 * Trips),
        Parent ! {took, erlang:monotonic_time(nanosecond) - Start}
    end, [link, {scheduler, 1}]),
    Took = receive {took, Ns} -> Ns end,
    Right ! stop,
    Took / Trips.

%% Items from one scheduler to the other, a bounded number on their way.
cross_stream(Messages) ->
    Parent = self(),
    Bursts = max(Messages div ?CREDIT, 2 * ?WINDOW),
    Sink = spawn_opt(fun() ->
        receive {source, Source} -> ok end,
        Start = erlang:monotonic_time(nanosecond),
        [Source ! credit || _ <- lists:seq(1, ?WINDOW)],
        ok = sink(Source, 0, Bursts),
        Parent ! {took, erlang:monotonic_time(nanosecond) - Start}
    end, [link, {scheduler, 2}]),
    Source = spawn_opt(fun() -> source(Sink, 0) end, [link, {scheduler, 1}]),
    Sink ! {source, Source},
    Took = receive {took, Ns} -> Ns end,
    Source ! stop,
    Took / (Bursts * ?CREDIT).

source(Sink, Sequence) ->
    receive
        credit -> source(Sink, items(Sink, Sequence, ?CREDIT));
        stop -> ok
    end.

items(_Sink, Sequence, 0) -> Sequence;
items(Sink, Sequence, Left) ->
    Sink ! {item, Sequence},
    items(Sink, Sequence + 1, Left - 1).

sink(_Source, _Sequence, 0) -> ok;
sink(Source, Sequence, Left) ->
    Next = sink_burst(Sequence, ?CREDIT),
    Source ! credit,
    sink(Source, Next, Left - 1).

sink_burst(Sequence, 0) -> Sequence;
sink_burst(Sequence, Left) ->
    receive {item, Sequence} -> sink_burst(Sequence + 1, Left - 1) end.

%% Processes that come and go; their parent hears of each end.
lives(Batches) ->
    process_flag(trap_exit, true),
    Start = erlang:monotonic_time(nanosecond),
    ok = batches(Batches),
    Took = erlang:monotonic_time(nanosecond) - Start,
    process_flag(trap_exit, false),
    Took / (Batches * ?LIVES_AT_ONCE).

batches(0) -> ok;
batches(Left) ->
    Pids = [spawn_link(fun() -> ok end) || _ <- lists:seq(1, ?LIVES_AT_ONCE)],
    lists:foreach(fun(Pid) -> receive {'EXIT', Pid, normal} -> ok end end, Pids),
    batches(Left - 1).

%% Children of a supervisor that crash as soon as they are hit, all of them again and again.
crashes(Crashes) ->
    process_flag(trap_exit, true),
    {ok, Supervisor} = supervisor:start_link(?MODULE, {crashers, self()}),
    First = [receive {up, Pid} -> Pid end || _ <- lists:seq(1, ?CRASHERS)],
    Start = erlang:monotonic_time(nanosecond),
    lists:foreach(fun(Pid) -> Pid ! hit end, First),
    ok = hit_again(Crashes),
    Took = erlang:monotonic_time(nanosecond) - Start,
    exit(Supervisor, shutdown),
    receive {'EXIT', Supervisor, _} -> ok end,
    forget(),
    process_flag(trap_exit, false),
    Took / Crashes.

hit_again(0) -> ok;
hit_again(Left) ->
    receive {up, Pid} -> Pid ! hit, hit_again(Left - 1) end.

start_crasher(Parent) ->
    {ok, spawn_link(fun() -> Parent ! {up, self()}, receive hit -> exit(told_to_crash) end end)}.

init(counter) -> {ok, 0};
init({crashers, Parent}) ->
    Flags = #{strategy => one_for_one, intensity => 1000000000, period => 1},
    Children = [#{id => Id, start => {?MODULE, start_crasher, [Parent]}, shutdown => brutal_kill}
                || Id <- lists:seq(1, ?CRASHERS)],
    {ok, {Flags, Children}}.
